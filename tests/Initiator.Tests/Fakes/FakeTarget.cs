using System.Text;

namespace Weft.Initiator.Tests.Fakes;

/// <summary>
/// The peer of a <see cref="FakeDevice"/>: answers login, pings, logout and discovery by itself unless told otherwise, keeps a list of
/// everything it got, and lets a test answer commands when it likes.
/// </summary>
internal sealed class FakeTarget
{
    private readonly Queue<Request> inbox = [];
    private ILane? lane;
    private Act? work;

    public FakeDevice Device { get; set; } = null!;
    public FakeCmId? Id { get; private set; }
    public FakeQueuePair Pair => Id!.Pair!;
    public List<Request> Log { get; } = [];
    public uint StatSn { get; set; }
    public uint ExpCmdSn { get; set; }
    /// <summary>Commands that may be outstanding; 0 closes the window.</summary>
    public int Window { get; set; } = 64;
    public string LoginAnswer { get; set; } = "TargetPortalGroupTag=1\0InitialR2T=Yes\0ImmediateData=No\0FirstBurstLength=65536\0MaxBurstLength=262144\0"
        + "DefaultTime2Wait=2\0RDMAExtensions=Yes\0TargetRecvDataSegmentLength=8192\0InitiatorRecvDataSegmentLength=262144\0";
    public Queue<LoginStatus> LoginStatuses { get; } = [];
    public string RedirectTo { get; set; } = "";
    public string Targets { get; set; } = "TargetName=iqn.2024-01.lab:t1\0TargetAddress=10.9.0.11:3260,1\0";
    public bool AnswersLogin { get; set; } = true;
    public bool AnswersPings { get; set; } = true;
    public bool AnswersLogout { get; set; } = true;
    /// <summary>Response to task management; null for none.</summary>
    public Func<TaskManagementRequestPdu, TaskManagementResponseCode?> OnTaskManagement { get; set; } = _ => TaskManagementResponseCode.Complete;
    /// <summary>What becomes of a SCSI command; the default is GOOD.</summary>
    public Action<Request> OnCommand { get; set; }
    public Action<Request>? OnDataOut { get; set; }

    public FakeTarget() => OnCommand = request => Respond(request);

    public int Count(IscsiOpcode opcode) => Log.Count(r => r.Opcode == opcode);
    public Request Last(IscsiOpcode opcode) => Log.Last(r => r.Opcode == opcode);

    /// <summary>Runs logins through the whole state machine of a target, with the terms that this gives.</summary>
    public ILoginAuthority? Authority { get; set; }
    private TargetLogin? login;

    public void OnConnect(FakeCmId id)
    {
        Id = id;
        login = null;
        (StatSn, ExpCmdSn) = (0x100, 0);
    }

    public void OnMessage(FakeQueuePair pair, byte[] bytes)
    {
        lane ??= Device.Executor.CreateLane("wire", ChoiceKind.Delivery);
        work ??= new(Drain);
        inbox.Enqueue(new(pair, bytes));
        if (!work.IsPosted) lane.Post(work);
    }

    private void Drain()
    {
        while (inbox.TryDequeue(out var request))
        {
            Log.Add(request);
            if (request.Pair.State == QpState.ReadyToSend) Handle(request);
        }
    }

    private void Handle(Request request)
    {
        switch (request.Opcode)
        {
            case IscsiOpcode.LoginRequest when AnswersLogin:
                AnswerLogin(request);
                break;
            case IscsiOpcode.ScsiCommand:
                Assert.Equal(ExpCmdSn, request.Command.CmdSn.Value);
                ExpCmdSn++;
                OnCommand(request);
                break;
            case IscsiOpcode.DataOut:
                OnDataOut?.Invoke(request);
                break;
            case IscsiOpcode.NopOut when AnswersPings && !request.Bhs.InitiatorTaskTag.IsReserved:
                Send(new NopInPdu { InitiatorTaskTag = request.Bhs.InitiatorTaskTag, TargetTransferTag = TaskTag.Reserved, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max }.Bhs);
                break;
            case IscsiOpcode.TaskManagementRequest when Pdu.TryView(request.Bhs, out TaskManagementRequestPdu pdu) && OnTaskManagement(pdu) is { } code:
                AnswerTaskManagement(request, code);
                break;
            case IscsiOpcode.TextRequest:
                ExpCmdSn++;
                Send(new TextResponsePdu { InitiatorTaskTag = request.Bhs.InitiatorTaskTag, TargetTransferTag = TaskTag.Reserved, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max, DataSegmentLength = Targets.Length }.Bhs,
                    Encoding.UTF8.GetBytes(Targets));
                break;
            case IscsiOpcode.LogoutRequest when AnswersLogout:
                Send(new LogoutResponsePdu { InitiatorTaskTag = request.Bhs.InitiatorTaskTag, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max }.Bhs);
                break;
        }
    }

    public CmdSn Exp => new(ExpCmdSn);
    public CmdSn Max => new(ExpCmdSn + (uint)Window - 1);

    private void RunLogin(Request request)
    {
        Pdu.TryView(request.Bhs, out LoginRequestPdu pdu);
        login ??= new(Authority!, iser: true, new(StatSn));
        var data = new byte[8192];
        login.Handle(pdu, request.Data, data, out var response);
        StatSn = login.NextStatSn.Value;
        ExpCmdSn = login.FirstCmdSn.Value;
        Send(response.Bhs, data[..response.DataSegmentLength], to: request.Pair);
    }

    public void AnswerLogin(Request request)
    {
        if (Authority is not null)
        {
            RunLogin(request);
            return;
        }
        Pdu.TryView(request.Bhs, out LoginRequestPdu login);
        var status = LoginStatuses.TryDequeue(out var given) ? given : LoginStatus.Success;
        var isDiscovery = Encoding.UTF8.GetString(request.Data).Contains("SessionType=Discovery", StringComparison.Ordinal);
        var text = status == LoginStatus.Success ? isDiscovery ? "" : LoginAnswer : (ushort)status >> 8 == 1 ? $"TargetAddress={RedirectTo}\0" : "";
        ExpCmdSn = login.CmdSn.Value;
        Send(new LoginResponsePdu
        {
            Transit = status == LoginStatus.Success, CurrentStage = login.CurrentStage, NextStage = login.NextStage, Isid = login.Isid, Tsih = 7,
            InitiatorTaskTag = login.InitiatorTaskTag, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max, Status = status,
            DataSegmentLength = text.Length,
        }.Bhs, Encoding.UTF8.GetBytes(text), to: request.Pair);
    }

    public void AnswerTaskManagement(Request request, TaskManagementResponseCode code) =>
        Send(new TaskManagementResponsePdu { InitiatorTaskTag = request.Bhs.InitiatorTaskTag, Response = code, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max }.Bhs);

    /// <summary>Fills the read buffer of a command by RDMA.</summary>
    public void Write(Request request, ReadOnlySpan<byte> data) =>
        data.CopyTo(Device.Open(request.Iser.ReadStag.Value, request.Iser.ReadVa, (uint)data.Length, AccessFlags.RemoteWrite));

    /// <summary>Fetches what a write command did not send by itself.</summary>
    public byte[] Fetch(Request request, int length) =>
        Device.Open(request.Iser.WriteStag.Value, request.Iser.WriteVa, (uint)length, AccessFlags.RemoteRead).ToArray();

    /// <summary>SCSI Response, by default with the invalidate that was agreed on.</summary>
    public void Respond(Request request, ScsiStatus status = ScsiStatus.Good, byte[]? sense = null, int residual = 0, bool invalidate = true, RKey? key = null)
    {
        var data = sense is null ? [] : new byte[] { 0, (byte)sense.Length }.Concat(sense).ToArray();
        RKey? own = request.Iser.HasReadStag ? request.Iser.ReadStag : request.Iser.HasWriteStag ? request.Iser.WriteStag : null;
        var agreed = (Device.PeerFlags & 0x40) == 0 && (Id!.Asked!.PrivateData.Span[0] & 0x40) == 0;
        Send(new ScsiResponsePdu
        {
            InitiatorTaskTag = request.Bhs.InitiatorTaskTag, Status = status, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max,
            Underflow = residual > 0, Overflow = residual < 0, Residual = (uint)Math.Abs(residual), DataSegmentLength = data.Length,
        }.Bhs, data, key ?? (agreed && invalidate ? own : null));
    }

    /// <summary>A NOP-In that pings, or (tag reserved) only moves the window.</summary>
    public void Nop(uint transferTag = 0xFFFF_FFFF) =>
        Send(new NopInPdu { InitiatorTaskTag = TaskTag.Reserved, TargetTransferTag = new(transferTag), StatSn = new(StatSn), ExpCmdSn = Exp, MaxCmdSn = Max }.Bhs);

    public void Say(IscsiEvent what, ushort p1 = 0, ushort p2 = 0, ushort p3 = 0, Lun lun = default) =>
        Send(new AsyncMessagePdu { Event = what, Parameter1 = p1, Parameter2 = p2, Parameter3 = p3, Lun = lun, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max }.Bhs);

    public void Reject(Request request, RejectReason reason)
    {
        var header = new byte[Bhs.Length];
        request.Bhs.Write(header);
        Send(new RejectPdu { Reason = reason, StatSn = new(StatSn++), ExpCmdSn = Exp, MaxCmdSn = Max, DataSegmentLength = header.Length }.Bhs, header);
    }

    public void Send(in Bhs bhs, byte[]? data = null, RKey? invalidate = null, FakeQueuePair? to = null)
    {
        var message = new byte[IserMessage.HeadersLength + (data?.Length ?? 0)];
        IserHeader.Plain.Write(message);
        bhs.Write(message.AsSpan(IserHeader.Length));
        data?.CopyTo(message, IserMessage.HeadersLength);
        (to ?? Pair).Arrive(message, invalidate);
    }

    /// <summary>The peer disconnects.</summary>
    public void Disconnect() => Id!.Raise(CmEventType.Disconnected);
}
