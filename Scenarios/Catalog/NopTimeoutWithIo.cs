using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// A ping is not answered while the back end holds commands: the target gives the connection up, and the commands come back before, in the
/// very moment, or long after.
/// </summary>
internal sealed class NopTimeoutWithIo : Scenario
{
    private static readonly Duration Interval = Duration.FromSeconds(5);
    private static readonly Duration Timeout = Duration.FromSeconds(5);
    private static readonly Setting Reads = new("reads", 3, 1, 32, "reads", "Reads that the back end holds.");

    public override string Name => "nop-timeout-with-io";
    public override string Claim => "A ping without an answer closes the connection once, although the back end holds its commands; it is given back when they have returned.";
    public override string Source => "RFC 7143 11.19; historical-races 45 (tgt 97a7995, 71f3bc9, 532a527)";
    public override IReadOnlyList<Setting> Settings { get; } = [Reads, CommonSettings.Window with { Default = 1_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Timer, ChoiceKind.BackEnd, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        // The connection is given up two limits after the last command; the back end answers when the farewell is over, in that moment, or just before.
        var chooser = world.World.Chooser;
        var end = Interval + Timeout;
        var held = chooser.Choose(3, new(ChoiceKind.Fault, "back end")) switch { 0 => end + Timeout, 1 => end, _ => end - Duration.FromMilliseconds(1) };
        var isCut = chooser.Choose(2, new(ChoiceKind.Fault, "silence")) == 1;
        var limits = new HostLimits { NopInInterval = Interval, NopInTimeout = Timeout };
        var patient = IserScene.Quiet with { Timeouts = IserScene.Quiet.Timeouts with { Command = NetworkConduct.Patience } };
        var scene = await IserScene.BeginAsync(world, new() { Limits = limits, Timing = StoreTiming.AnyOrder(latency: held) }, patient);
        var (store, connection) = (scene.Target.Stores[0], scene.Connection);
        scene.Ledger.OnReleased = _ =>
        {
            if (connection is { State: ConnectionState.Closed, TasksInUse: > 0 })
                world.Fail("freed-with-io", $"the connection is given back when its commands have returned, but {connection.TasksInUse} have not [{Source}]");
        };
        Silence(world, scene, isCut);

        var reads = new List<CommandLedger.Entry>();
        for (var i = 0u; i < world.Settings.Get(Reads); i++) reads.Add(scene.Commands.Submit(scene.Disk, Cdb.Read(i, 1), new byte[IserScene.BlockLength], retries: 5));
        var sent = world.Now;
        await world.World.Until(() => connection.State >= ConnectionState.Closing, "the target to give up", NetworkConduct.Patience);
        var took = world.Now - sent;
        world.Saw($"{(isCut ? "cut" : "no answer")}: {(store.Outstanding == reads.Count ? "all" : store.Outstanding == 0 ? "none" : "some")} of the commands held at the end");
        world.Claim(connection.Reason == CloseReason.PingTimeout || world.Network.MayCutConnections, "reason", Source, $"the ping without an answer is the reason, and is {connection.Reason}");
        world.Claim(world.Network.InTime(took, end, end + Duration.FromSeconds(1)), "in-time", Source, $"it closes {end} after the last command, and did after {took}");
        var link = scene.InitiatorHost.Link;
        await world.World.Delay(end); // the first farewells are lost as well
        link.A.IsCut = link.B.IsCut = false;
        await scene.GoneAsync();
        foreach (var read in reads)
            world.Claim(world.Network.Answers(read), "answered", Source, $"{read} is answered with GOOD, if by the next session, and ended with {read.Outcome} {read.Status}");
        world.Claim(world.Network.CountsConnections(scene.Ledger.Closings.Count, 1), "closed-once", Source, $"the connection closes once, and did for {string.Join(", ", scene.Ledger.Closings)}");
        await scene.ClaimFreedOnceAsync(Source);
    }

    /// <summary>The next ping is not answered: the way is cut when it arrives, or the answer alone is lost, as often as it is sent.</summary>
    private static void Silence(ScenarioWorld world, IserScene scene, bool isCut)
    {
        var host = scene.InitiatorHost;
        bool IsMeant() => scene.Connection.State == ConnectionState.FullFeature; // and not a later one
        if (isCut)
        {
            world.OnArrival(host, Wire.Pdu(IscsiOpcode.NopIn), () =>
            {
                if (IsMeant()) host.Link.A.IsCut = host.Link.B.IsCut = true;
            });
            return;
        }
        var answer = Wire.Pdu(IscsiOpcode.NopOut);
        host.Port.Plan(new("answers to pings", frame => IsMeant() && answer(frame)) { Count = int.MaxValue });
    }
}
