using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// The RTU is lost, or comes long after the data: the queue pair says "communication established", and the target has to tell the
/// connection manager so.
/// </summary>
internal sealed class RtuLostCommEst : Scenario
{
    private static readonly Duration Late = Duration.FromMilliseconds(1);
    /// <summary>Longer than the connection manager repeats a REP that nobody confirms: 16 times 6.4 s.</summary>
    private static readonly Duration Long = Duration.FromSeconds(150);

    public override string Name => "rtu-lost-comm-est";
    public override string Claim => "A target whose RTU is lost becomes live with the first data, stays so, and a later RTU changes nothing.";
    public override string Source => "IBA 12.9.7.2; historical-races 4 (SCST srpt_qp_event, tgt usr/iscsi/iser.c)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = world.AddTarget();
        var host = world.AddHost("initiator");
        var initiator = world.AddInitiator(host);
        var isLate = world.World.Chooser.Choose(2, new(ChoiceKind.Fault, "RTU late, not lost")) == 1;
        var rtu = host.Port.Plan(isLate
            ? new FrameFault("RTU", Wire.Cm(CmAttribute.Rtu)) { Action = FrameFaultAction.Delay, Delay = Late }
            : new FrameFault("RTU", Wire.Cm(CmAttribute.Rtu)) { Count = int.MaxValue });
        var ledger = new TargetLedger(target);
        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
        {
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero },
        }), "comm-est", Source);
        world.World.CloseOrder();
        var took = initiator.Executor.Now - Instant.Zero;
        world.Saw($"RTU {(isLate ? "late" : "lost")}, login {(ledger.Held > 0 ? "held until communication was established" : "after communication was established")}");
        await world.World.Delay(isLate ? Late * 2 : Long);

        world.Claim(rtu.Struck > 0, "rtu-struck", Source, "the fault met an RTU");
        world.Claim(world.Network.InTime(took, Duration.Zero, Late), "comm-est", Source, $"the login needs neither the RTU nor another REP, but took {took}");
        world.Claim(world.Network.LivesOn(session), "comm-est-lasts", Source,
            $"the session is logged in, once, and is {session.State} after {session.Logins} logins ({session.LastProblem})");
        world.Claim(world.Network.Counts(1, target.Software.Sessions.Count), "comm-est-lasts", Source, $"the target has one session, and has {target.Software.Sessions.Count}");
        ledger.ClaimBalance(world, Source);
        await session.OpenDisk(0).TestUnitReadyAsync();
    }
}
