namespace Weft.Initiator.Tests.Fakes;

internal sealed class FakeQueuePair(FakeDevice device, Qpn number, QpInit init) : IQueuePair
{
    private readonly Queue<(ulong Id, Sge Sge)> receives = [];
    private readonly Queue<(SendRequest Request, byte[]? Message)> held = [];
    private int outstanding;

    public Qpn Number => number;
    public QpType Type => init.Type;
    public QpState State { get; private set; } = QpState.Init;
    public IProtectionDomain ProtectionDomain => device;
    public ICompletionQueue SendCq => init.SendCq;
    public ICompletionQueue ReceiveCq => init.ReceiveCq;
    public ISharedReceiveQueue? Srq => null;
    public object? Context { get; set; }
    public int PostedReceives => receives.Count;
    /// <summary>Longest buffer of the receives that are posted now.</summary>
    public List<uint> ReceiveLengths => [.. receives.Select(r => r.Sge.Length)];
    /// <summary>Send completions wait until <see cref="ReleaseSends"/>; the messages go out all the same.</summary>
    public bool HoldsSends { get; set; }

    public void Establish() => State = QpState.ReadyToSend;

    public VerbsError? Modify(in QpAttributes attributes, QpAttributeMask mask)
    {
        if (attributes.State == QpState.Error) Fail();
        return null;
    }

    public void Fail()
    {
        State = QpState.Error;
        foreach (var (request, _) in held) Complete(request.Id, CompletionStatus.Flushed, OpcodeOf(request.Opcode));
        held.Clear();
        while (receives.TryDequeue(out var receive)) CompleteReceive(receive.Id, CompletionStatus.Flushed, 0, null);
    }

    public QpAttributes Query() => new() { State = State };

    public VerbsError? PostSend(in SendRequest request, ReadOnlySpan<Sge> sges)
    {
        if (State == QpState.Error)
        {
            if (device.RefusesMarkers) return new(VerbsErrorCode.InvalidState, "no posts in error");
            Complete(request.Id, CompletionStatus.Flushed, OpcodeOf(request.Opcode));
            return null;
        }
        if (State != QpState.ReadyToSend) return new(VerbsErrorCode.InvalidState, State.ToString());
        if (++outstanding > init.MaxSendWr) throw new InvalidOperationException("send queue overflow");
        switch (request.Opcode)
        {
            case WorkOpcode.RegisterMemory:
                ((FakeMemoryRegion)request.Region!).Register(request);
                break;
            case WorkOpcode.LocalInvalidate:
                var key = request.Key.Value;
                var region = device.Regions.Find(r => r.Key == key) ?? throw new InvalidOperationException("invalidate of an unknown key");
                region.IsValid = false;
                break;
            case WorkOpcode.Send:
                var message = new List<byte>();
                foreach (var sge in sges) message.AddRange(device.Open(sge.Key.Value, sge.Address, sge.Length, AccessFlags.None).ToArray());
                device.Target.OnMessage(this, [.. message]);
                break;
            default:
                throw new NotSupportedException(request.Opcode.ToString());
        }
        held.Enqueue((request, null));
        if (!HoldsSends) ReleaseSends();
        return null;
    }

    public void ReleaseSends()
    {
        while (held.TryDequeue(out var next))
        {
            outstanding--;
            if ((next.Request.Flags & SendFlags.Signaled) != 0) Complete(next.Request.Id, CompletionStatus.Success, OpcodeOf(next.Request.Opcode));
        }
    }

    public VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges)
    {
        if (State == QpState.Error)
        {
            if (device.RefusesMarkers) return new(VerbsErrorCode.InvalidState, "no posts in error");
            CompleteReceive(id, CompletionStatus.Flushed, 0, null);
            return null;
        }
        receives.Enqueue((id, sges[0]));
        if (receives.Count > init.MaxReceiveWr) throw new InvalidOperationException("receive queue overflow");
        return null;
    }

    /// <summary>A message arrives.</summary>
    public void Arrive(ReadOnlySpan<byte> message, RKey? invalidate)
    {
        if (State != QpState.ReadyToSend) return;
        if (!receives.TryDequeue(out var receive)) throw new InvalidOperationException("receiver not ready");
        if (message.Length > receive.Sge.Length)
        {
            CompleteReceive(receive.Id, CompletionStatus.LocalLengthError, 0, null);
            Fail();
            return;
        }
        if (invalidate is { } key)
            (device.Regions.Find(r => r.Key == key.Value && r.MaxSegments > 0) ?? throw new InvalidOperationException("invalidate of an unknown key")).IsValid = false;
        message.CopyTo(device.Open(receive.Sge.Key.Value, receive.Sge.Address, receive.Sge.Length, AccessFlags.LocalWrite));
        CompleteReceive(receive.Id, CompletionStatus.Success, message.Length, invalidate);
    }

    private void Complete(ulong id, CompletionStatus status, CompletionOpcode opcode) =>
        ((FakeCompletionQueue)SendCq).Add(new(id, status, opcode, this));

    private void CompleteReceive(ulong id, CompletionStatus status, int length, RKey? invalidated) =>
        ((FakeCompletionQueue)ReceiveCq).Add(new(id, status, CompletionOpcode.Receive, this, (uint)length,
            invalidated is null ? CompletionFlags.None : CompletionFlags.WithInvalidate, invalidated?.Value ?? 0));

    private static CompletionOpcode OpcodeOf(WorkOpcode opcode) => opcode switch
    {
        WorkOpcode.LocalInvalidate => CompletionOpcode.LocalInvalidate,
        WorkOpcode.RegisterMemory => CompletionOpcode.RegisterMemory,
        _ => CompletionOpcode.Send,
    };

    public VerbsError? AttachMulticast(Gid group) => throw new NotSupportedException();
    public VerbsError? DetachMulticast(Gid group) => throw new NotSupportedException();

    public void Destroy()
    {
        if (!device.Pairs.Remove(this)) throw new InvalidOperationException("queue pair destroyed twice");
        receives.Clear();
        held.Clear();
        State = QpState.Reset;
    }
}
