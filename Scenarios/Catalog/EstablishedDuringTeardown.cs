using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// A connection is closed from inside (an address change, an operator) while its RTU is on the way: the event that says that it is
/// established finds it on its way out.
/// </summary>
internal sealed class EstablishedDuringTeardown : Scenario
{
    public override string Name => "established-during-teardown";
    public override string Claim => "An established event that comes after teardown has begun changes nothing: the connection is freed once, and the next login works.";
    public override string Source => "IBA 12.9.8; historical-races 9 (SCST 76b20c76b, 87902c872)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 100, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.World.CloseOrder();
        var target = world.AddTarget();
        var initiator = world.AddInitiator();
        var ledger = new TargetLedger(target);
        ConnectionState? met = null;
        var close = new Errand(() =>
        {
            if (target.Software.Connections.Count == 0) return; // an RTU that comes when its session is over already
            var connection = target.Software.Connections[0];
            met = connection.State;
            connection.Close(CloseReason.Administrative);
        });
        var lane = target.Host.Node.CreateLane("operator", ChoiceKind.Dispatch);
        // Either between request and RTU, or with the RTU, when its event and the close are to be had at once.
        var withRtu = world.World.Chooser.Choose(2, new(ChoiceKind.Fault, "close with the REP, not the RTU")) == 0;
        void Order(bool isNow)
        {
            if (isNow && ledger.Accepted == 1 && met is null && !close.IsPosted) lane.Post(close);
        }
        ledger.OnAccepted = accepted =>
        {
            if (accepted == 1) world.World.OpenOrder();
            Order(!withRtu);
        };
        world.OnArrival(target.Host, Wire.Cm(CmAttribute.Rtu), () => Order(withRtu));
        ledger.OnReleased = _ => world.World.CloseOrder();
        ledger.OnSession = world.World.CloseOrder; // too late for the race: a session that is closed is another story

        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
        {
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero },
        }), "next-login", Source);
        if (met is null && world.Network.HasMeddled)
        {
            world.Saw("no RTU came in time"); // lost, or held back, which may end in its loss
            return;
        }
        await world.ClaimWithin(Duration.FromSeconds(10), () => ledger.Released >= 1, "freed-once", Source, "the closed connection is given back");
        await world.ClaimWithin(Duration.FromSeconds(30), () => session.State == SessionState.LoggedIn && target.Software.Sessions.Count == 1, "next-login", Source,
            "the next login works");
        world.Saw($"{(withRtu ? "closed with the RTU" : "closed with the REP")}: {met switch
        {
            ConnectionState.Accepted => "established, if it came, came during teardown",
            ConnectionState.Login => "established before",
            _ => $"{met}",
        }}");
        world.Claim(world.Network.CountsConnections(ledger.Closings.Count, 1) && ledger.Closings.Count(r => r == CloseReason.Administrative) == 1, "closed-once", Source,
            $"the connection closes once, for the operator; closings: {string.Join(", ", ledger.Closings)}");
        world.Claim(world.Network.CountsConnections(ledger.Accepted, 2) && world.Network.CountsConnections(ledger.Released, 1), "freed-once", Source,
            $"two connections were accepted and the first was given back, but {ledger.Accepted} were accepted and {ledger.Released} given back");
        ledger.ClaimBalance(world, Source);
        await session.OpenDisk(0).TestUnitReadyAsync();
    }
}
