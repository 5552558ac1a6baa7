using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Target.Iser;
using Weft.Target.Sessions;

namespace Weft.Races.Tests.ConnectionSetup;

// Bugs that targets had, each put back into one decision.

/// <summary>"Not established yet, ignored": the login is lost (tgt b53820d).</summary>
internal sealed class ForgetsEarlyLogin(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void Hold(ReceivedPdu slot, int length) => ReturnReceived(slot);
}

/// <summary>The early login is handled at once, and again when the event comes.</summary>
internal sealed class AnswersEarlyLoginTwice(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private ReceivedPdu? early;

    private protected override void Hold(ReceivedPdu slot, int length)
    {
        ((ReceiveSlot)slot).Read(length);
        early = slot;
        Established();
        Receive(slot);
    }

    private protected override void OnEstablished()
    {
        base.OnEstablished();
        if (early is { } pdu) Receive(pdu);
        early = null;
    }
}

/// <summary>Only an RTU makes the connection live (before srpt_qp_event handled IB_EVENT_COMM_EST).</summary>
internal sealed class IgnoresCommunicationEstablished(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void OnCommunicationEstablished()
    {
    }
}

/// <summary>The connection goes live, and the connection manager is not told: it gives up in the end.</summary>
internal sealed class GoesLiveWithoutTheManager(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void OnCommunicationEstablished() => OnEstablished();
}

/// <summary>After a failed accept all is freed at once, although a receive is still with the device (SCST 183ef8273).</summary>
internal sealed class FreesFailedAcceptAtOnce(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private bool hasFailed;

    private protected override bool MayRelease => hasFailed || base.MayRelease;

    private protected override void AcceptFailed(VerbsError error)
    {
        hasFailed = true;
        base.AcceptFailed(error);
    }
}

/// <summary>After a failed accept nobody cleans up but the flushed receive (SCST 0498de210).</summary>
internal sealed class LeavesFailedAcceptToTheFlush(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void AcceptFailed(VerbsError error)
    {
    }
}

/// <summary>The flushed receive tears down what the error path is freeing already (SCST b235efb8d).</summary>
internal sealed class ClosesOnceMore(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override bool MayClose => true;
}

/// <summary>An established event takes a reference, which only the beginning of teardown drops (SCST 76b20c76b).</summary>
internal sealed class TakesReferenceWhenEstablished(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private int references;

    private protected override bool MayRelease => references == 0 && base.MayRelease;

    private protected override void OnEstablished()
    {
        references++;
        base.OnEstablished();
    }

    protected override void CloseTransport()
    {
        references = 0;
        base.CloseTransport();
    }
}

/// <summary>An unreachable peer is no case at all: the connection waits for what else may come (SCST 2e4544e35).</summary>
internal sealed class IgnoresUnreachable(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void OnNotEstablished()
    {
    }
}

/// <summary>The slot is given back for the unreachable peer, and once more by the close that follows (SCST 87902c872).</summary>
internal sealed class ReturnsSlotTwice(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void OnNotEstablished()
    {
        ReturnLoginSlot();
        base.OnNotEstablished();
    }
}

/// <summary>Only a login that works gives its slot back.</summary>
internal sealed class KeepsSlotOfFailedLogin(IserPortal portal, ICmId id) : IserConnection(portal, id)
{
    private protected override void ReturnLoginSlot()
    {
        if (State == ConnectionState.FullFeature) base.ReturnLoginSlot();
    }
}

/// <summary>Logins are counted and not limited.</summary>
internal sealed class HasNoLimit(IExecutor executor, HostLimits limits) : TargetHost(executor, limits)
{
    internal override bool HasLoginSlot => true;
}

/// <summary>One login more than there is room for: the comparison is off by one.</summary>
internal sealed class TakesOneTooMany(IExecutor executor, HostLimits limits) : TargetHost(executor, limits)
{
    internal override bool HasLoginSlot => LoginsInProgress <= Limits.MaxLogins;
}

/// <summary>A request beyond the slots is neither answered nor given back.</summary>
internal sealed class ForgetsRequestsBeyondItsSlots(TargetHost host, IRdmaDevice device, IpEndpoint endpoint) : IserPortal(host, device, endpoint)
{
    protected override void TurnAway(ICmId id)
    {
    }
}

/// <summary>A connection in TIMEWAIT is forgotten as far as its remote queue pair number goes.</summary>
internal sealed class ForgetsInTimeWait(Hca hca, IPacketPort[] ports, IMadPort[] madPorts) : ConnectionManager(hca, ports, madPorts, hca.Qpns)
{
    internal override bool IsInTheWay(CmLink known) => known.Connection.State != CmState.TimeWait;
}

/// <summary>A stale connection is in the way, and stays there (spdk/spdk#876: rejected again and again).</summary>
internal sealed class KeepsStaleConnection(Hca hca, IPacketPort[] ports, IMadPort[] madPorts) : ConnectionManager(hca, ports, madPorts, hca.Qpns)
{
    internal override void Release(CmLink stale)
    {
    }
}

/// <summary>A number is free with its queue pair, whatever the connection manager still holds (before SCST 46aa72be4).</summary>
internal sealed class FreesNumbersAtOnce : IQpnAllocator
{
    public void Reserve(Qpn qpn)
    {
    }

    public void Unreserve(Qpn qpn)
    {
    }
}
