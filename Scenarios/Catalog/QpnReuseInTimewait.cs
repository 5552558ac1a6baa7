using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// Logins and logouts in quick succession on a device that would give out the same queue pair number again and again: while the peer may
/// still hold the old connection, the number is taken.
/// </summary>
internal sealed class QpnReuseInTimewait : Scenario
{
    private static readonly Setting Cycles = new("cycles", 2, 2, 1000, "logins", "Logins within one TIMEWAIT.");

    public override string Name => "qpn-reuse-in-timewait";
    public override string Claim => "A queue pair number is not given out again before the TIMEWAIT of its connection ends, so no login is rejected as stale, and then it is.";
    public override string Source => "IBA 12.9.8.4; historical-races 23 (SCST 46aa72be4)";
    public override IReadOnlyList<Setting> Settings { get; } = [Cycles, CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.World.CloseOrder();
        var target = world.AddTarget();
        var host = world.AddHost("initiator", new() { QpNumbers = 1 });
        var initiator = world.AddInitiator(host);
        var numbers = new List<Qpn>();
        var connections = new HashSet<uint>();
        host.Port.Count("QPN of each REQ", frame =>
        {
            // One that is sent again is the same request.
            if (Wire.ReadCm(frame, CmAttribute.Req, out var body) && CmReq.TryRead(body, out var req) && connections.Add(req.LocalCommId)) numbers.Add(req.LocalQpn);
            return false;
        });
        var stale = target.Host.Port.Count("REJ, stale connection", Wire.Rejection(CmRejReason.StaleConnection));
        var options = new SessionOptions { Timeouts = new SessionTimeouts { PingInterval = Duration.Zero } };

        var cycles = (int)world.Settings.Get(Cycles);
        for (var i = 0; i < cycles; i++)
        {
            // Open is the order of the last farewell but one and what follows: from the DREQ to the next REQ.
            if (i == cycles - 1) world.OnArrival(target.Host, Wire.Cm(CmAttribute.Req), world.World.CloseOrder);
            var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, options), "login", Source);
            if (i == cycles - 2)
            {
                world.OnArrival(target.Host, Wire.Cm(CmAttribute.Dreq), () =>
                {
                    if (numbers.Count == cycles - 1) world.World.OpenOrder();
                });
            }
            await session.LogoutAsync();
        }
        // Where a farewell is lost, one side's TIMEWAIT is over long before the other side knows of the end.
        world.Claim(world.Network.Counts(stale.Matched, 0), "stale", Source, $"no login is rejected as stale, and {stale.Matched} were");
        world.Claim(numbers.Distinct().Count() == numbers.Count || world.Network.HasLost, "qpn-reuse", Source, $"no number comes twice within TIMEWAIT; the numbers were {string.Join(", ", numbers)}");

        await world.World.Delay(Duration.FromSeconds(10));
        var again = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, options), "login", Source);
        world.Claim(numbers[^1] == numbers[0] || world.Network.HasLost, "qpn-freed", Source, $"after TIMEWAIT the first number, {numbers[0]}, is given out again, and {numbers[^1]} was");
        world.Claim(world.Network.Counts(stale.Matched, 0) && world.Network.LivesOn(again), "stale", Source, $"and is not rejected as stale; {stale.Matched} were");
    }
}
