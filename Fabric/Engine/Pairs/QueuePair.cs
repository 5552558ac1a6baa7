using System.Numerics;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// A queue pair: its attributes, its state and its two queues. What its transport service does with them is the business of
/// a sender and a receiver, of which it has those of its type. IBA Vol 1 §10.2.4, §10.3.
/// </summary>
internal sealed partial class QueuePair : IQueuePair
{
    private readonly QpInit init;
    private readonly FlushItem sendFlush, receiveFlush;
    private QpAttributes attributes;
    private bool drainReported, lastWqeReported;

    public QueuePair(Hca hca, ProtectionDomain domain, QpInit init, Qpn number)
    {
        (Hca, Domain, this.init, Number) = (hca, domain, init, number);
        SendCompletions = (CompletionQueue)init.SendCq;
        ReceiveCompletions = (CompletionQueue)init.ReceiveCq;
        SharedReceives = (SharedReceiveQueue?)init.Srq;
        Sends = new(init.MaxSendWr, init.MaxSendSge, init.MaxInline);
        Receives = new(SharedReceives is null ? init.MaxReceiveWr : 0, init.MaxReceiveSge);
        Buffer = new(SharedReceives?.MaxSge ?? init.MaxReceiveSge);
        Context = init.Context;
        sendFlush = new(this, ofReceives: false);
        receiveFlush = new(this, ofReceives: true);
        if (init.Type == QpType.ReliableConnected)
        {
            Requester = new(this);
            Responder = new(this);
        }
        else Sender = new(this);
        if (init.Type == QpType.UnreliableConnected) UcReceiver = new(this);
        SendCompletions.AddUser(this);
        ReceiveCompletions.AddUser(this);
        if (SharedReceives is not null) SharedReceives.Users++;
    }

    public readonly Hca Hca;
    public readonly ProtectionDomain Domain;
    public readonly CompletionQueue SendCompletions, ReceiveCompletions;
    public readonly SharedReceiveQueue? SharedReceives;
    public readonly SendQueue Sends;
    public readonly ReceiveQueue Receives;
    /// <summary>The receive that is being filled.</summary>
    public readonly ReceiveBuffer Buffer;
    public readonly RcRequester? Requester;
    public readonly RcResponder? Responder;
    public readonly UnreliableSender? Sender;
    public readonly UcReceiver? UcReceiver;

    public Qpn Number { get; }
    public QpType Type => init.Type;
    public QpState State { get; private set; }
    public IProtectionDomain ProtectionDomain => Domain;
    public ICompletionQueue SendCq => SendCompletions;
    public ICompletionQueue ReceiveCq => ReceiveCompletions;
    public ISharedReceiveQueue? Srq => SharedReceives;
    public object? Context { get; set; }
    public bool IsDestroyed { get; private set; }

    /// <summary>
    /// Set by the connection manager while its REP is not answered: the first request that arrives then raises communication
    /// established, although the QP is in RTS already. IBA Vol 1 §12.9.8.1, §11.6.3.
    /// </summary>
    public bool IsAwaitingEstablishment { get; set; }

    /// <summary>The attributes as given; PSNs are those that the state began with.</summary>
    public ref readonly QpAttributes Attributes => ref attributes;
    public AccessFlags RemoteAccess => attributes.Access;

    // What the packet path needs of the attributes, kept at hand.
    public IPacketPort Port = null!;
    public int MtuShift;
    public int Mtu;
    public ushort Flow;
    public PKey PKey => Port is null ? default : Port.PKeyAt(attributes.PKeyIndex); // no port before INIT has one: a flush can come earlier

    public QpAttributes Query()
    {
        var answer = attributes;
        answer.State = answer.CurrentState = State;
        answer.SqPsn = Requester?.NextPsn ?? Sender!.NextPsn;
        answer.RqPsn = Responder?.ExpectedPsn ?? UcReceiver?.ExpectedPsn ?? default;
        return answer;
    }

    public VerbsError? AttachMulticast(Gid group)
    {
        if (IsDestroyed || Type != QpType.UnreliableDatagram) return new(VerbsErrorCode.NotSupported, "only datagram QPs join multicast groups");
        return group.IsMulticast ? Hca.Multicast.Attach(group, this) : new(VerbsErrorCode.InvalidAttribute, $"{group} is not a multicast address");
    }

    public VerbsError? DetachMulticast(Gid group) => Hca.Multicast.Detach(group, this);

    public void Destroy()
    {
        if (IsDestroyed) return;
        Enter(QpState.Reset);
        IsDestroyed = true;
        Requester?.Dispose();
        Hca.Multicast.DetachAll(this);
        SendCompletions.RemoveUser(this);
        ReceiveCompletions.RemoveUser(this);
        if (SharedReceives is not null) SharedReceives.Users--;
        Hca.Remove(this);
        Domain.Remove(this);
    }

    /// <summary>Completes a send request; successes only when it asked. IBA Vol 1 §10.8.6.</summary>
    public void CompleteSend(ref readonly SendWqe wqe, CompletionStatus status)
    {
        if (status == CompletionStatus.Success && !init.SignalAll && (wqe.Request.Flags & SendFlags.Signaled) == 0) return;
        SendCompletions.Push(new(wqe.Request.Id, status, OpcodeOf(wqe.Request.Opcode), this, wqe.WantsData ? wqe.Length : 0), status != CompletionStatus.Success);
    }

    /// <summary>Completes the receive that is being filled.</summary>
    public void CompleteReceive(
        CompletionOpcode opcode, uint length, CompletionFlags flags, uint immediateOrKey, bool solicited,
        Qpn sourceQpn = default, AddressVector source = default)
    {
        Buffer.Release();
        ReceiveCompletions.Push(new(Buffer.Id, CompletionStatus.Success, opcode, this, length, flags, immediateOrKey, sourceQpn, PKey, source), solicited);
    }

    /// <summary>Completes it with an error. A QP that fails before RTR has no port yet.</summary>
    public void FailReceive(CompletionStatus status)
    {
        Buffer.Release();
        ReceiveCompletions.Push(new(Buffer.Id, status, CompletionOpcode.Receive, this), solicited: true);
    }

    /// <summary>Stores bytes into the receive that is being filled; buffers of an SRQ belong to its domain. IBA Vol 1 §10.2.9.2.</summary>
    public bool Store(ReadOnlySpan<byte> bytes) => Buffer.Append(Hca.Memory, SharedReceives?.Domain ?? Domain, bytes);

    /// <summary>Takes the next receive, from the SRQ or its own queue.</summary>
    public bool TryTakeReceive() => SharedReceives is not null ? SharedReceives.TryTake(Buffer) : Receives.TryTake(Buffer);

    /// <summary>Whether <see cref="TryTakeReceive"/> would find one.</summary>
    public bool HasReceive => (SharedReceives?.Count ?? Receives.Count) > 0;

    /// <summary>Hands a finished transport packet to the port.</summary>
    /// <param name="end">Length from BTH to pad.</param>
    public void Transmit(Frame frame, int end)
    {
        frame.End = Frame.TransportOffset + end;
        Hca.Counters.PacketsSent++;
        Port.Send(frame, in attributes.AddressVector, Flow);
    }

    /// <summary>Hands a finished datagram to the port.</summary>
    public void TransmitTo(AddressHandle handle, Qpn destination, Frame frame, int end)
    {
        frame.End = Frame.TransportOffset + end;
        Hca.Counters.PacketsSent++;
        Port.Send(frame, in handle.Path, Port.FlowOf(in handle.Path, Number, destination));
    }

    /// <summary>ERROR for a reason of the device's own, e.g. a completion queue that overflowed.</summary>
    public void FailFatally()
    {
        if (IsDestroyed || State is QpState.Reset or QpState.Error) return;
        Raise(AsyncEventType.QpFatal);
        EnterError();
    }

    public void Raise(AsyncEventType type) => Hca.Events.Raise(new(type, QueuePair: this));

    private void CachePath()
    {
        if (attributes.Port != 0) Port = Hca.PortAt(attributes.Port);
        Mtu = Type == QpType.UnreliableDatagram ? Port.ActiveMtu.Bytes() : attributes.PathMtu.Bytes();
        MtuShift = BitOperations.Log2((uint)Mtu);
        Flow = Port.FlowOf(attributes.AddressVector, Number, attributes.DestinationQpn);
    }

    private static CompletionOpcode OpcodeOf(WorkOpcode opcode) => opcode switch
    {
        WorkOpcode.RdmaWrite or WorkOpcode.RdmaWriteWithImmediate => CompletionOpcode.RdmaWrite,
        WorkOpcode.RdmaRead => CompletionOpcode.RdmaRead,
        WorkOpcode.CompareSwap => CompletionOpcode.CompareSwap,
        WorkOpcode.FetchAdd => CompletionOpcode.FetchAdd,
        WorkOpcode.LocalInvalidate => CompletionOpcode.LocalInvalidate,
        WorkOpcode.BindMemoryWindow => CompletionOpcode.BindMemoryWindow,
        WorkOpcode.RegisterMemory => CompletionOpcode.RegisterMemory,
        _ => CompletionOpcode.Send,
    };
}
