using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>Several sessions with mixed commands of all sizes at depth, each on a disk of its own that is compared with its shadow.</summary>
internal sealed class IserMixed : Scenario
{
    private static readonly Setting Sessions = new("sessions", 3, 1, 64, "sessions", "Initiators, with one session and one disk each.");
    private static readonly Setting Depth = new("depth", 32, 1, 256, "commands", "Commands under way in each session.");
    private static readonly Setting Commands = new("commands", 60, 1, 10_000_000, "commands", "Commands of each session.");
    private static readonly Setting Blocks = new("blocks", 4096, 1024, 1 << 20, "blocks", "Size of each disk, in blocks of 512 bytes.");
    private static readonly Setting Immediate = new("immediate", 1, 0, 1, "0 or 1", "1: the target takes immediate data, 0: it fetches everything.");

    public override string Name => "iser-mixed";
    public override string Claim => "Under mixed load every command ends exactly once, and every block holds what was last written to it.";
    public override string Source => "RFC 7145; SBC-3 4.2; historical-races 39 (blktests srp/014)";
    public override string? NotLive => null;
    public override int Weight => 60;
    public override IReadOnlyList<Setting> Settings { get; } =
        [Sessions, Depth, Commands, Blocks, Immediate, CommonSettings.Window with { Default = 5_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Delivery, ChoiceKind.BackEnd), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var settings = world.Settings;
        var (count, blocks, depth) = ((int)settings.Get(Sessions), (int)settings.Get(Blocks), (int)settings.Get(Depth));
        var target = world.AddTarget(options: new()
        {
            Luns = count,
            Blocks = (ulong)blocks,
            Timing = StoreTiming.AnyOrder(),
            Policy = settings.Get(Immediate) != 0 ? Protocol.Iscsi.Text.KeyPolicy.ImmediateDataTarget() : Protocol.Iscsi.Text.KeyPolicy.RdmaOnlyTarget(),
        });
        target.Target.QueuedCommands = depth;
        var ledger = new CommandLedger(world);
        var loads = new List<MixedLoad>();
        var sessions = new List<InitiatorSession>();
        for (var i = 0; i < count; i++)
        {
            var session = await world.AddInitiator($"initiator{i + 1}").LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions { MaxCommands = depth });
            var disk = session.OpenDisk(i);
            await disk.ReadCapacityAsync();
            sessions.Add(session);
            loads.Add(new(world, ledger, new(blocks, (int)IserScene.BlockLength), disk) { Retries = 5 });
        }
        var left = count;
        foreach (var load in loads) world.Watch(RunAsync(load));
        await world.Until(() => left == 0, "all loads to end");
        world.CloseOrder();
        ledger.ClaimAllEnded();
        foreach (var load in loads) await load.VerifyAsync();
        foreach (var session in sessions)
            world.Claim(world.Network.LivesOn(session), "session-lives", Source, $"the sessions are logged in, once, and one is {session.State} after {session.Logins} logins");
        foreach (var store in target.Stores) world.Claim(store.Outstanding == 0, "store-quiet", Source, $"the back end has answered everything, but owes {store.Outstanding}");
        world.Saw(sessions.Exists(s => s.Logins > 1) ? "a session recovered" : "no connection lost");

        async Task RunAsync(MixedLoad load)
        {
            await load.RunAsync((int)settings.Get(Commands), depth);
            left--;
        }
    }
}
