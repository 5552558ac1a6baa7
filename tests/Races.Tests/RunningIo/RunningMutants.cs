using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Initiator.Iscsi;
using Weft.Protocol.Cm;
using Weft.Protocol.Iscsi;
using Weft.Target.Commands;
using Weft.Target.Iser;
using Weft.Target.Sessions;
using IscsiTask = Weft.Target.Sessions.IscsiTask;
using InitiatorConnection = Weft.Initiator.Iser.IserConnection;

namespace Weft.Races.Tests.RunningIo;

/// <summary>A read's context is free with its first completion once the connection closes. SCST and tgt had it.</summary>
internal sealed class FreesWithTheFirstHalf(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MayEnd(IscsiTask task) => State >= ConnectionState.Closing || base.MayEnd(task);
}

/// <summary>The marker of the send queue counts for both queues. SCST 3ce0f6604.</summary>
internal sealed class TrustsTheSendDrain(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MayRelease => base.MayRelease || SendsDrained;
}

/// <summary>Answers are posted whenever they are ready. SCST 7a2d9043f.</summary>
internal sealed class PostsBehindTheDrain(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MayPost => true;
    private protected override bool MayAnswer => true;
}

/// <summary>A connection that has sent its own DREQ takes no notice of the peer's. SCST 907bc8222.</summary>
internal sealed class IgnoresCrossingDreq(Hca hca, IPacketPort[] ports, IMadPort[] madPorts) : ConnectionManager(hca, ports, madPorts, hca.Qpns)
{
    internal override bool Heeds(CmLink known) => known.Connection.State is not (CmState.DreqSent or CmState.TimeWait);
}

/// <summary>Each reason to close closes. SCST 583f45295, tgt 7f059fd.</summary>
internal sealed class ClosesForEachReason(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MayClose => State < ConnectionState.Closed;
}

/// <summary>The abort is answered while RDMA of the command is still posted. SCST 33a4bccc3.</summary>
internal sealed class AnswersAbortTooEarly(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    protected override bool StopMove(IscsiTask task)
    {
        base.StopMove(task);
        return true;
    }
}

/// <summary>Interval or not, it never pings.</summary>
internal sealed class NeverPings(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool Pings => false;
}

/// <summary>Posts a ping at once, room or not. SCST 46202aa82, tgt 01461ee.</summary>
internal sealed class PingsWithoutRoom(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MustQueue(byte kind, bool hasRoom) => kind != IserWorkKind.Ping && base.MustQueue(kind, hasRoom);
}

/// <summary>Never takes the ping's buffer back. SCST 8a09beb37.</summary>
internal sealed class LosesThePingBuffer(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    protected override void PingSent()
    {
    }
}

/// <summary>Gives everything back when the queues are empty, whatever the back end holds. tgt 97a7995.</summary>
internal sealed class ForgetsHeldCommands(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool HasWork => false;
}

/// <summary>Arms behind its last look. rdma-core cd6c61c4a.</summary>
internal sealed class ArmsLast(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void Consume(ICompletionQueue queue)
    {
        PollAll(queue);
        queue.Arm();
    }
}

/// <summary>Takes an event for a completion.</summary>
internal sealed class TakesOneForEachEvent(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void Consume(ICompletionQueue queue)
    {
        queue.Arm();
        PollSome(queue, 1);
    }
}

/// <summary>Reckons that a place in the window means a free context.</summary>
internal sealed class CountsOnAFreeContext(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MustWait(bool hasContext) => false;
}

/// <summary>An initiator whose connections have a bug.</summary>
internal sealed class MutantInitiator(IRdmaDevice device, string name, Func<InitiatorHost, IConnectionOwner, ConnectionSettings, IscsiConnection> make) : InitiatorHost(device, name)
{
    internal override IscsiConnection CreateConnection(IConnectionOwner owner, ConnectionSettings settings) => make(this, owner, settings);
}

/// <summary>Offers the start of its memory, the immediate bytes included: what comes behind them lands in the wrong place.</summary>
internal sealed class OffersTheStart(InitiatorHost host, IConnectionOwner owner, ConnectionSettings settings) : InitiatorConnection(host, owner, settings)
{
    internal override ulong WriteVa(ulong address, int unsolicited) => address;
}

/// <summary>Commands that are cut off keep their buffers, until the pool is empty. tgt 0c0553e.</summary>
internal sealed class KeepsBuffersOfTheDead(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    public override void ReturnBuffer(ScsiTask task, DataBuffer buffer)
    {
        if (State < ConnectionState.Closing) base.ReturnBuffer(task, buffer);
    }
}

/// <summary>Sends what is ready and numbers on, window or not: the old session's was wide enough. libiscsi d200d7b.</summary>
internal sealed class IgnoresTheWindow(InitiatorHost host, IConnectionOwner owner, ConnectionSettings settings) : InitiatorConnection(host, owner, settings)
{
    private CmdSn? next;

    internal override bool HasWindow() => true;

    private protected override CmdSn TakeCmdSn()
    {
        var number = next ?? base.TakeCmdSn();
        next = number.Next;
        return number;
    }
}

/// <summary>Takes the first refusal of a queue pair for the last word. SCST srpt_create_ch_ib.</summary>
internal sealed class AsksOnce(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override int LessThan(int sendDepth) => 0;
}

/// <summary>Waits for a marker that was never posted. SoftRoCE/rxe-dev#33.</summary>
internal sealed class WaitsForTheMarker(InitiatorHost host, IConnectionOwner owner, ConnectionSettings settings) : InitiatorConnection(host, owner, settings)
{
    internal override bool MustDestroy(bool isMarkerRefused) => false;
}

/// <summary>Has no use for commands while it has no connection. libiscsi dcf95f9.</summary>
internal sealed class RefusesWhileAway(InitiatorHost host, string target, IpEndpoint portal, SessionOptions options, Isid isid) : IscsiSession(host, target, portal, options, isid)
{
    internal override bool IsRefusing => base.IsRefusing || State == SessionState.Recovering;
}

/// <summary>An initiator whose sessions refuse commands while they are away.</summary>
internal sealed class ImpatientInitiator(IRdmaDevice device, string name) : InitiatorHost(device, name)
{
    internal override IscsiSession CreateSession(string target, IpEndpoint portal, SessionOptions options, Isid isid) => new RefusesWhileAway(this, target, portal, options, isid);
}
