using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>Many initiators on one receive queue that is shorter than all they may send.</summary>
internal sealed class SrpSrqExhaustion : Scenario
{
    private static readonly Setting Sessions = new("sessions", 4, 1, 32, "sessions", "Initiators, with one session each.");
    private static readonly Setting Depth = new("depth", 12, 1, 60, "commands", "Commands that each has under way.");
    private static readonly Setting Buffers = new("buffers", 16, 4, 4096, "buffers", "Length of the shared receive queue.");
    private static readonly Setting SharedQueue = new("srq", 1, 0, 1, "0 or 1", "1: one receive queue for all, 0: one for each channel.");

    public override string Name => "srp-srq-exhaustion";
    public override string Claim => "Initiators that together overrun a shared receive queue are told to wait, and nothing is lost; with queues of their own nobody waits.";
    public override string Source => "IBA 9.7.5.2.8; historical-races 41 (SCST 020ec68dd)";
    public override IReadOnlyList<Setting> Settings { get; } = [Sessions, Depth, Buffers, SharedQueue, CommonSettings.Window with { Default = 100 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Delivery), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var settings = world.Settings;
        var (count, depth, buffers, isShared) = ((int)settings.Get(Sessions), (int)settings.Get(Depth), (int)settings.Get(Buffers), settings.Get(SharedQueue) != 0);
        world.World.CloseOrder();
        var target = SrpTargetNode.Add(world, new()
        {
            Luns = count, Blocks = 4096, Timing = new StoreTiming(1, Duration.FromMicroseconds(50)),
            Target = new() { QueueDepth = depth + 1, UseSrq = isShared, SrqSize = buffers },
        });
        var commands = new CommandLedger(world);
        var (sessions, sent) = (new List<SrpSession>(), new List<CommandLedger.Entry>());
        for (var i = 0; i < count; i++)
        {
            var initiator = world.AddInitiator($"initiator{i + 1}");
            sessions.Add(await world.ClaimLogin(() => initiator.LoginAsync(target.Address(), SrpScene.Persistent), "login", "SRP r16a 5.1"));
        }
        var waits = target.Host.Port.Count("RNR NAK", SrpFrames.ReceiverNotReady);
        world.World.OpenOrder();
        for (var i = 0; i < depth; i++)
            for (var s = 0; s < count; s++) sent.Add(commands.Submit(sessions[s].OpenDisk(s), Cdb.Read((ulong)i, 1), new byte[IserScene.BlockLength]));
        await world.World.Until(() => commands.IsEmpty, "all commands to end", NetworkConduct.Patience);
        world.World.CloseOrder();
        world.Saw(waits.Matched > 0 ? "some had to wait" : "nobody had to wait");
        var overruns = isShared && count * depth > buffers;
        world.Claim(!overruns || waits.Matched > 0 || world.Network.HasMeddled, "told-to-wait", Source, $"{count * depth} requests for {buffers} buffers: some are answered by RNR NAK");
        world.Claim(isShared || waits.Matched == 0, "own-queues", Source, $"with a receive queue for each channel nobody is told to wait, and {waits.Matched} were");
        foreach (var session in sessions)
            world.Claim(world.Network.LivesOn(session) && world.Network.Counts(session.Retries, 0), "none-lost", Source, $"no session is lost and no command sent again; {session.Logins} logins, {session.Retries} sent again");
        foreach (var command in sent) world.Claim(world.Network.Answers(command), "none-lost", Source, $"{command} is done, and ended with {command.Outcome} {command.Status}");
    }
}
