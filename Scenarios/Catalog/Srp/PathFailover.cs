using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>
/// An initiator with two ports reaches a disk over each of them. The cable of the path in use comes loose in the middle of verified I/O, at
/// either end; the I/O goes on over the other path, and comes back when the cable does.
/// </summary>
internal sealed class PathFailover : Scenario
{
    private const int Blocks = 4096;
    private static readonly Setting Commands = new("commands", 80, 1, 1_000_000, "commands", "Commands of the load.");
    private static readonly Setting TargetPorts = new("targetports", 2, 1, 2, "ports", "Ports of the target: two, one for each path, or one for both.");
    private static readonly Setting Down = new("down", 90_000, 30_000, 600_000, "ms", "How long the cable is loose: longer than the failover takes.");
    private static readonly Setting Moments = new("moments", 12, 1, 1000, "moments", "Moments at which it may happen, 10 microseconds apart.");
    private static readonly Duration FastIoFail = Duration.FromSeconds(5);
    /// <summary>tl_retry_count 2: a packet is sent three times, within at most four times the timeout of 2.1 s each (IBA 9.9.2.1.1); then fast_io_fail_tmo.</summary>
    private static readonly Duration Failover = Duration.FromSeconds(3 * 4 * 2.2) + FastIoFail;

    public override string Name => "path-failover";
    public override string Claim => "When the path in use fails, commands go over the other one within the transport's and fast_io_fail_tmo's time, each ends once, data are intact; the path is used again when it works again.";
    public override string Source => "scsi_transport_srp fast_io_fail_tmo; IBA 9.7.5 (retries); historical-races 40 (blktests srp/002-004)";
    public override int Weight => 60;
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, TargetPorts, Down, Moments, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        await world.UseManagedSubnetAsync(leaves: 2, spines: 1);
        var target = SrpTargetNode.Add(world, new() { Blocks = Blocks, Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Host = new() { Ports = (int)world.Settings.Get(TargetPorts) } });
        var host = world.AddHost("initiator", new() { Ports = 2 });
        var initiator = world.AddInitiator(host);
        var options = SrpScene.Persistent with { FastIoFailTimeout = FastIoFail };
        var sessions = new List<SrpSession>();
        for (var path = 0; path < host.Addresses.Count; path++)
        {
            var address = target.Address(port: Math.Min(path, target.Host.Addresses.Count - 1)) with { Source = host.Addresses[path], TlRetryCount = 2 };
            sessions.Add(await world.ClaimLogin(() => initiator.LoginAsync(address, options), "login", "SRP r16a 5.1"));
        }
        await world.ClaimDone(async () => await sessions[0].OpenDisk(0).ReadCapacityAsync(), "login", "SRP r16a 5.1");
        world.Claim(world.Network.MayCutConnections || sessions.TrueForAll(s => s is { State: SessionState.LoggedIn, Logins: 1 }) && target.Software.Channels.Count == sessions.Count, "both-paths", "SRP r16a 6.2",
            $"each port is a nexus of its own, so that no login ends the other; {string.Join(", ", sessions.Select(s => $"{s.State} after {s.Logins} logins"))}");

        var ledger = new CommandLedger(world);
        var disk = new MultipathDisk(world, ledger, [.. sessions.Select(s => s.OpenDisk(0))]);
        var load = new MixedLoad(world, ledger, new(Blocks, (int)IserScene.BlockLength), sessions[0].OpenDisk(0)) { Retries = 5, MayBeCutOff = true, Via = disk.RunAsync };
        var chooser = world.World.Chooser;
        var isTargets = chooser.Choose(2, new(ChoiceKind.Fault, "whose cable")) == 1 && target.Host.Links.Count > 1;
        var moment = Duration.FromMicroseconds(10 * (1 + chooser.Choose((int)world.Settings.Get(Moments), new(ChoiceKind.Fault, "when"))));
        var link = (isTargets ? target.Host : host).Links[0];
        var back = Instant.Never;
        var answeredBefore = 0;
        world.World.Faults.At(world.Now + moment, "cable loose", () =>
        {
            link.SetUp(false);
            answeredBefore = disk.Answered[1];
            back = world.Now + Duration.FromMilliseconds(world.Settings.Get(Down));
            world.World.Faults.At(back, "cable back", () => link.SetUp(true));
        });
        await load.RunAsync((int)world.Settings.Get(Commands), depth: 16);
        var ended = world.Now;
        world.CloseOrder();
        world.Saw($"{(isTargets ? "target's" : "initiator's")} cable: {(disk.Rerouted == 0 ? "no command sent again" : "commands sent again over the other path")}");
        world.Claim(ended < back || world.Network.HasMeddled, "goes-on", Source, $"the load ends over the other path while the cable is loose, until {back}, and ended at {ended}");
        world.Claim(disk.Answered[1] > answeredBefore || world.Network.HasMeddled, "other-path", Source, $"commands are answered over the other path, and {disk.Answered[1]} were");
        world.Claim(world.Network.InTime(disk.Longest, Duration.Zero, Failover), "in-time", Source, $"no command takes longer than a failover, {Failover}, and one took {disk.Longest}");

        await world.Until(() => disk.Active == 0 && sessions.TrueForAll(s => s.State == SessionState.LoggedIn) && target.Software.Channels.Count == sessions.Count, "the first path to come back", NetworkConduct.Patience);
        var first = disk.Answered[0];
        await load.VerifyAsync();
        world.Claim(disk.Answered[0] > first, "failback", Source, "the path that has come back is used again");
        world.Claim(world.Network.LivesOn(sessions[1]), "untouched", Source, $"the session of the other path noticed nothing, and is {sessions[1].State} after {sessions[1].Logins} logins");
        disk.Close();
        await world.Until(() => ledger.IsEmpty, "the last look at a path to end", NetworkConduct.Patience);
        ledger.ClaimAllEnded();
    }
}
