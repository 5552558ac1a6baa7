using System.Text;

namespace Weft.Initiator.Tests.EndToEnd;

/// <summary>One connection of a <see cref="MiniTarget"/>.</summary>
internal sealed class MiniConnection : ICmEventHandler, ICompletionHandler
{
    private const int Buffers = 160, BufferLength = 76 + 8192, Sends = 512;
    private readonly MiniTarget target;
    private readonly ICmId id;
    private readonly ICompletionQueue cq;
    private readonly IQueuePair qp;
    private readonly byte[] memory = new byte[Buffers * BufferLength + Sends * 512];
    private readonly IMemoryRegion region;
    private readonly WorkCompletion[] polled = new WorkCompletion[16];
    private readonly (IserHeader Iser, ScsiCommandPdu Pdu)[] reads = new (IserHeader, ScsiCommandPdu)[256];
    private readonly Act end;
    private uint statSn = 0x1000, expCmdSn;
    private int nextSend, nextRead;
    private bool invalidates, hasEnded;

    public MiniConnection(MiniTarget target, in CmEvent request)
    {
        (this.target, id) = (target, request.Id);
        id.Handler = this;
        cq = target.Device.CreateCompletionQueue(2048, this);
        region = target.Domain.Register(memory, AccessFlags.LocalWrite);
        Assert.Null(id.CreateQueuePair(target.Domain, new(QpType.ReliableConnected, cq, cq, MaxSendWr: Sends, MaxReceiveWr: Buffers, MaxSendSge: 2)));
        qp = id.QueuePair!;
        for (var i = 0; i < Buffers; i++) PostReceive(i);
        cq.Arm();
        invalidates = (request.PrivateData.Span[0] & 0x40) == 0 && (target.Flags & 0x40) == 0;
        var lane = target.Device.Executor.CreateLane("mini", ChoiceKind.Dispatch);
        end = new(End);
        Post = item => lane.Post(item);
        var depth = Math.Min(request.Parameters!.ResponderResources, (byte)16);
        Assert.Null(id.Accept(new() { PrivateData = new[] { target.Flags, (byte)0, (byte)0, (byte)0 }, InitiatorDepth = depth, ResponderResources = 0 }));
    }

    private Action<WorkItem> Post { get; }
    public ICmId Id => id;

    private void PostReceive(int i) => qp.PostReceive((ulong)i, [new(region.Address + (ulong)(i * BufferLength), BufferLength, region.LKey)]);

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        if (cmEvent.Type is CmEventType.Disconnected or CmEventType.TimewaitExit or CmEventType.Unreachable or CmEventType.ConnectError) Leave();
    }

    public void Leave()
    {
        if (hasEnded) return;
        hasEnded = true;
        id.Disconnect();
        Post(end);
    }

    private void End()
    {
        qp.Destroy();
        cq.Destroy();
        region.Deregister();
        id.Destroy();
        target.Ended(this);
    }

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        if (hasEnded) return;
        Drain();
        cq.Arm();
        Drain();
    }

    private void Drain()
    {
        for (int n; (n = cq.Poll(polled)) > 0;)
            for (var i = 0; i < n; i++)
            {
                var done = polled[i];
                if (done.Status != CompletionStatus.Success)
                {
                    Leave();
                    return;
                }
                if (done.Opcode == CompletionOpcode.RdmaRead) OnFetched((int)(done.Id & 0xFF));
                if (done.Opcode != CompletionOpcode.Receive) continue;
                OnMessage(memory.AsSpan((int)done.Id * BufferLength, (int)done.ByteLength));
                PostReceive((int)done.Id);
            }
    }

    private void OnMessage(ReadOnlySpan<byte> bytes)
    {
        if (IserMessage.TryRead(bytes, out var message) is { } broken) throw new InvalidOperationException(broken.ToString());
        var bhs = message.Pdu.Bhs;
        switch (bhs.Opcode)
        {
            case IscsiOpcode.LoginRequest when Pdu.TryView(bhs, out LoginRequestPdu login):
                expCmdSn = login.CmdSn.Value;
                var isDiscovery = Encoding.UTF8.GetString(message.Pdu.Data).Contains("SessionType=Discovery", StringComparison.Ordinal);
                var text = isDiscovery ? "" : $"TargetPortalGroupTag=1\0InitialR2T=Yes\0ImmediateData={(target.Immediate ? "Yes" : "No")}\0FirstBurstLength=65536\0MaxBurstLength=262144\0DefaultTime2Wait=2\0RDMAExtensions=Yes\0TargetRecvDataSegmentLength=8192\0";
                Send(new LoginResponsePdu
                {
                    Transit = true, CurrentStage = login.CurrentStage, NextStage = login.NextStage, Isid = login.Isid, Tsih = 1, InitiatorTaskTag = login.InitiatorTaskTag,
                    StatSn = new(statSn++), ExpCmdSn = new(expCmdSn), MaxCmdSn = new(expCmdSn + 63), DataSegmentLength = text.Length,
                }.Bhs, Encoding.UTF8.GetBytes(text));
                break;
            case IscsiOpcode.ScsiCommand when Pdu.TryView(bhs, out ScsiCommandPdu command):
                if (command.CmdSn.Value != expCmdSn++) throw new InvalidOperationException($"CmdSN {command.CmdSn}"); // no assertion: it would allocate
                target.Commands++;
                if (!target.Holds) OnCommand(message.Header, command, message.Pdu.Data);
                break;
            case IscsiOpcode.NopOut when !bhs.InitiatorTaskTag.IsReserved:
                Send(new NopInPdu { InitiatorTaskTag = bhs.InitiatorTaskTag, TargetTransferTag = TaskTag.Reserved, StatSn = new(statSn++), ExpCmdSn = new(expCmdSn), MaxCmdSn = new(expCmdSn + 63) }.Bhs);
                break;
            case IscsiOpcode.TextRequest:
                expCmdSn++;
                var answer = "TargetName=iqn.2024-01.lab:t1\0TargetAddress=10.0.0.1:3260,1\0";
                Send(new TextResponsePdu { InitiatorTaskTag = bhs.InitiatorTaskTag, TargetTransferTag = TaskTag.Reserved, StatSn = new(statSn++), ExpCmdSn = new(expCmdSn), MaxCmdSn = new(expCmdSn + 63), DataSegmentLength = answer.Length }.Bhs, Encoding.UTF8.GetBytes(answer));
                break;
            case IscsiOpcode.TaskManagementRequest:
                Send(new TaskManagementResponsePdu { InitiatorTaskTag = bhs.InitiatorTaskTag, StatSn = new(statSn++), ExpCmdSn = new(expCmdSn), MaxCmdSn = new(expCmdSn + 63) }.Bhs);
                break;
            case IscsiOpcode.LogoutRequest:
                Send(new LogoutResponsePdu { InitiatorTaskTag = bhs.InitiatorTaskTag, StatSn = new(statSn++), ExpCmdSn = new(expCmdSn), MaxCmdSn = new(expCmdSn + 63) }.Bhs);
                break;
        }
    }

    private void OnCommand(IserHeader iser, in ScsiCommandPdu command, ReadOnlySpan<byte> immediate)
    {
        Span<byte> bytes = stackalloc byte[16];
        command.Cdb.CopyTo(bytes);
        Cdb.TryRead(bytes, out var cdb);
        var length = (int)command.ExpectedDataTransferLength;
        switch (cdb.Opcode)
        {
            case ScsiOpcode.Read10:
                RdmaWrite(iser, target.Region, (int)cdb.Lba * 512, length);
                break;
            case ScsiOpcode.ServiceActionIn16:
                var at = memory.Length - 64;
                new ReadCapacity16Data((ulong)target.Store.Length / 512 - 1, 512).Write(memory.AsSpan(at));
                RdmaWrite(iser, region, at, length);
                break;
            case ScsiOpcode.Write10:
                immediate.CopyTo(target.Store.AsSpan((int)cdb.Lba * 512));
                if (immediate.Length == length) break;
                var slot = nextRead++ & 0xFF;
                reads[slot] = (iser, command);
                qp.PostSend(new() { Id = (ulong)slot, Opcode = WorkOpcode.RdmaRead, Flags = SendFlags.Signaled, RemoteAddress = iser.WriteVa, Key = iser.WriteStag },
                    [new(target.Region.Address + cdb.Lba * 512 + (ulong)immediate.Length, (uint)(length - immediate.Length), target.Region.LKey)]);
                return;
        }
        Respond(iser, command);
    }

    private void OnFetched(int slot) => Respond(reads[slot].Iser, reads[slot].Pdu);

    private void RdmaWrite(IserHeader iser, IMemoryRegion from, int offset, int length) =>
        qp.PostSend(new() { Opcode = WorkOpcode.RdmaWrite, RemoteAddress = iser.ReadVa, Key = iser.ReadStag }, [new(from.Address + (ulong)offset, (uint)length, from.LKey)]);

    private void Respond(IserHeader iser, in ScsiCommandPdu command) =>
        Send(new ScsiResponsePdu { InitiatorTaskTag = command.InitiatorTaskTag, StatSn = new(statSn++), ExpCmdSn = new(expCmdSn), MaxCmdSn = new(expCmdSn + 63) }.Bhs, default,
            !invalidates ? null : iser.HasReadStag ? iser.ReadStag : iser.HasWriteStag ? iser.WriteStag : null);

    private void Send(in Bhs bhs, ReadOnlySpan<byte> data = default, RKey? invalidate = null)
    {
        var offset = Buffers * BufferLength + nextSend++ % (Sends - 1) * 512;
        var piece = memory.AsSpan(offset, 512);
        IserHeader.Plain.Write(piece);
        bhs.Write(piece[28..]);
        data.CopyTo(piece[76..]);
        qp.PostSend(new() { Opcode = invalidate is null ? WorkOpcode.Send : WorkOpcode.SendWithInvalidate, Key = invalidate ?? default, Flags = SendFlags.Signaled },
            [new(region.Address + (ulong)offset, (uint)(76 + data.Length), region.LKey)]);
    }
}
