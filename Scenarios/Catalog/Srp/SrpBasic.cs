using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>Several sessions with mixed commands of all sizes at depth, each on a disk of its own that is compared with its shadow.</summary>
internal sealed class SrpBasic : Scenario
{
    private static readonly Setting Sessions = new("sessions", 3, 1, 64, "sessions", "Initiators, with one session and one disk each.");
    private static readonly Setting Channels = new("channels", 2, 1, 16, "channels", "Channels of each session.");
    private static readonly Setting Depth = new("depth", 24, 1, 256, "commands", "Commands under way in each session.");
    private static readonly Setting Commands = new("commands", 60, 1, 10_000_000, "commands", "Commands of each session.");
    private static readonly Setting Blocks = new("blocks", 4096, 1024, 1 << 20, "blocks", "Size of each disk, in blocks of 512 bytes.");
    private static readonly Setting Immediate = new("immediate", 1, 0, 1, "0 or 1", "1: short writes carry their data, 0: the target fetches everything.");
    private static readonly Setting Piece = new("piece", 16384, 512, 1 << 20, "bytes", "Longest memory under one descriptor: longer data take a table.");
    private static readonly Setting Entries = new("entries", 12, 1, 255, "descriptors", "Descriptors in a command (cmd_sg_entries); the target fetches longer tables.");
    private static readonly Setting Grant = new("grant", 0, 0, 16, "requests", "Request limit that the login grants of 16, the rest by SRP_CRED_REQ; 0: all at once.");
    private static readonly Setting SharedQueue = new("srq", 0, 0, 1, "0 or 1", "1: one receive queue for all channels (use_srq).");

    public override string Name => "srp-basic";
    public override string Claim => "Under mixed load over SRP every command ends exactly once, and every block holds what was last written to it.";
    public override string Source => "SRP r16a 5; SBC-3 4.2; historical-races 39 (blktests srp/014)";
    public override string? NotLive => null;
    public override int Weight => 60;
    public override IReadOnlyList<Setting> Settings { get; } =
        [Sessions, Channels, Depth, Commands, Blocks, Immediate, Piece, Entries, Grant, SharedQueue, CommonSettings.Window with { Default = 5_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Delivery, ChoiceKind.BackEnd), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var settings = world.Settings;
        var (count, blocks, depth) = ((int)settings.Get(Sessions), (int)settings.Get(Blocks), (int)settings.Get(Depth));
        var target = SrpTargetNode.Add(world, new()
        {
            Luns = count,
            Blocks = (ulong)blocks,
            Timing = StoreTiming.AnyOrder(),
            Target = new() { QueueDepth = 16, LoginGrant = settings.Get(Grant) == 1 ? 2 : (int)settings.Get(Grant), UseSrq = settings.Get(SharedQueue) != 0, SrqSize = 16 * count * (int)settings.Get(Channels) },
        });
        var options = new SrpOptions
        {
            UseImmediateData = settings.Get(Immediate) != 0, MaxRegistrationLength = (int)settings.Get(Piece), CmdSgEntries = (int)settings.Get(Entries),
            IndirectSgEntries = 1024, AllowExtSg = true, ReconnectDelay = Duration.FromSeconds(1), FastIoFailTimeout = Duration.FromSeconds(300),
        };
        var ledger = new CommandLedger(world);
        var loads = new List<MixedLoad>();
        var sessions = new List<SrpSession>();
        for (var i = 0; i < count; i++)
        {
            var initiator = world.AddInitiator($"initiator{i + 1}");
            var session = await world.ClaimLogin(() => initiator.LoginAsync(target.Address((int)settings.Get(Channels)), options), "login", "SRP r16a 5.1");
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
