using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// A whole window of reads fills the send queue, and the acknowledgements that would empty it are lost for a while: a ping that falls due
/// meanwhile finds no room. Then silence, in which pings must go on. Again and again, for hours if wanted.
/// </summary>
internal sealed class NopPoolEmpty : Scenario
{
    private const int Depth = 16;
    private const uint Blocks = 8;
    // A read is eight RDMA WRITEs and a SEND: 144 requests, in a send queue of 96.
    private const int Piece = 512;
    private const int PingsInSilence = 2;
    private static readonly Duration Interval = Duration.FromSeconds(1);
    private static readonly Setting Rounds = new("rounds", 3, 1, 100_000, "rounds", "Windows of reads, each with silence behind it: 2 s to 15 s of virtual time.");

    public override string Name => "nop-pool-empty";
    public override string Claim => "A ping that finds the send queue full waits for room; its buffer comes back, so that the next interval has a ping again.";
    public override string Source => "RFC 7143 11.19; historical-races 44 (SCST 46202aa82, 8a09beb37; tgt 01461ee)";
    public override int Weight => 4;
    public override IReadOnlyList<Setting> Settings { get; } = [Rounds, CommonSettings.Window with { Default = 1_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var limits = new HostLimits { NopInInterval = Interval, MaxTransfer = Piece };
        var patient = IserScene.Quiet with { Timeouts = IserScene.Quiet.Timeouts with { Command = NetworkConduct.Patience } };
        var scene = await IserScene.BeginAsync(world, new() { Limits = limits }, patient, Depth);
        var isDeaf = false;
        var acknowledgement = Wire.Packet(o => o.IsAcknowledge);
        scene.InitiatorHost.Port.Plan(new("acknowledgements", frame => isDeaf && acknowledgement(frame)) { Count = int.MaxValue });
        var (pings, answers, began) = (0, 0, world.Now);
        world.OnArrival(scene.InitiatorHost, Wire.PduOnce(IscsiOpcode.NopIn), () =>
        {
            if (pings++ == 0) world.Saw(world.Now > began + (Interval * 3 / 2) ? "the ping waited for room" : "the ping went when it was due");
        });
        world.OnArrival(scene.Target.Host, Wire.PduOnce(IscsiOpcode.NopOut), () => answers++);
        for (var round = 0L; round < world.Settings.Get(Rounds); round++) await RoundAsync();
        world.World.CloseOrder();
        var network = world.Network;
        world.Claim(network.CountsConnections(scene.Ledger.Closings.Count, 0), "stays", Source, $"no ping ends the connection, but it closed for {string.Join(", ", scene.Ledger.Closings)}");
        world.Claim(network.LivesOn(scene.Session), "session-lives", Source, $"the session goes on, but logged in {scene.Session.Logins} times: {scene.Session.LastProblem}");
        scene.Commands.ClaimAllEnded();

        async Task RoundAsync()
        {
            // Not at all, until the ping is due, or for two intervals more: well within a send's retries.
            isDeaf = world.World.Chooser.Choose(3, new(ChoiceKind.Fault, "deafness")) is var length && length > 0;
            (pings, began) = (0, world.Now);
            var reads = new List<CommandLedger.Entry>();
            for (var i = 0u; i < Depth; i++) reads.Add(scene.Commands.Submit(scene.Disk, Cdb.Read(i * Blocks, Blocks), new byte[Blocks * IserScene.BlockLength], retries: 5));
            await world.World.Delay(Interval * (length == 2 ? 3 : length));
            isDeaf = false;
            await world.World.Until(() => scene.Commands.IsEmpty, "all reads to end", NetworkConduct.Patience);
            foreach (var read in reads)
                world.Claim(world.Network.Answers(read), "answered", Source, $"{read} is answered with GOOD, and ended with {read.Outcome} {read.Status}");
            var (before, answered) = (pings, answers);
            await world.ClaimWithin(Interval * (PingsInSilence + 1), () => pings - before >= PingsInSilence && answers - answered >= PingsInSilence, "pings-go-on", Source,
                $"{PingsInSilence} pings come and are answered in as many intervals of silence and one more");
        }
    }
}
