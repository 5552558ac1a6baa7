using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Initiator.Iscsi;
using Weft.Initiator.Recovery;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;
using Weft.Protocol.Scsi;

namespace Weft.Races.Tests.Subnets;

/// <summary>Stands between a manager and its port, and falsifies what arrives.</summary>
internal abstract class FalsePort : IManagementPort, IManagementClient
{
    private readonly IManagementPort inner;

    protected FalsePort(IManagementPort inner)
    {
        this.inner = inner;
        inner.Client = this;
    }

    public IManagementClient? Client { get; set; }
    public bool CarriesTransfers => inner.CarriesTransfers;

    public void Send(Lid destination, Qpn queue, ReadOnlySpan<byte> mad) => inner.Send(destination, queue, mad);
    public void SetIsManager(bool isManager) => inner.SetIsManager(isManager);

    public void OnMad(Lid source, Qpn sourceQueue, Span<byte> mad)
    {
        if ((MadClass)mad[1] is not (MadClass.SubnetDirectedRoute or MadClass.SubnetLidRouted) || Passes(new(mad))) Client?.OnMad(source, sourceQueue, mad);
    }

    protected abstract bool Passes(SmpMad mad);
}

/// <summary>No trap reaches the manager: it learns of a change when it looks by itself.</summary>
internal sealed class DeafToTraps(IManagementPort inner) : FalsePort(inner)
{
    protected override bool Passes(SmpMad mad) => mad.Method != MadMethod.Trap;
}

/// <summary>Every trap seems to come from somebody else: no storm is ever recognised.</summary>
internal sealed class SeesManyIssuers(IManagementPort inner) : FalsePort(inner)
{
    private ushort issuer = 0x1000;

    protected override bool Passes(SmpMad mad)
    {
        if (mad.Method != MadMethod.Trap || !Notice.TryRead(mad.Data, out var notice)) return true;
        notice.IssuerLid = new(issuer++);
        notice.Write(mad.Data);
        return true;
    }
}

/// <summary>After a dozen traps the manager sees no more that a switch has something to tell when it looks.</summary>
internal sealed class SeesNoChange(IManagementPort inner) : FalsePort(inner)
{
    private int traps;

    protected override bool Passes(SmpMad mad)
    {
        if (mad.Method == MadMethod.Trap) traps++;
        if (traps < 12 || !mad.IsResponse || mad.Attribute != SmpAttribute.SwitchInfo || !SwitchInfo.TryRead(mad.Data, out var info)) return true;
        info.PortStateChange = false;
        info.Write(mad.Data);
        return true;
    }
}

/// <summary>Commands that went with their connection are reported as done, whatever became of them.</summary>
internal sealed class TakesLossForSuccess(IRdmaDevice device, string name) : InitiatorHost(device, name)
{
    internal override IscsiSession CreateSession(string target, IpEndpoint portal, SessionOptions options, Isid isid) => new Session(this, target, portal, options, isid);

    private sealed class Session(InitiatorHost host, string target, IpEndpoint portal, SessionOptions options, Isid isid) : IscsiSession(host, target, portal, options, isid)
    {
        internal override RetryRules CreateRetryRules() => new Rules();
    }

    private sealed class Rules : RetryRules
    {
        internal override RetryDecision Decide(DiskCommand command)
        {
            if (command.Outcome != CommandOutcome.TransportDisrupted) return base.Decide(command);
            (command.Outcome, command.Status) = (CommandOutcome.Completed, ScsiStatus.Good);
            return RetryDecision.Finish;
        }
    }
}
