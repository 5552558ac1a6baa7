using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>A command is aborted at any moment of its life, from waiting to be sent to its answer being on the way.</summary>
internal sealed class SrpAbortVsCompletion : Scenario
{
    private const uint Blocks = 8;
    private static readonly Setting Write = new("write", 0, 0, 1, "0 or 1", "1: the command is a WRITE, 0: a READ.");

    public override string Name => "srp-abort-vs-completion";
    public override string Claim => "An aborted command has exactly one outcome: its answer, and the abort finds no task; or none, and nothing touches its data any more.";
    public override string Source => "SAM-5 7.2; SRP r16a 6.6; historical-races 38 (SCST 33a4bccc3, c196d7bbc)";
    public override IReadOnlyList<Setting> Settings { get; } = [Write, CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.BackEnd, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await SrpScene.BeginAsync(world, new() { Timing = new StoreTiming(1, Duration.FromMicroseconds(2)) }, SrpScene.Persistent with { UseImmediateData = false });
        var isWrite = world.Settings.Get(Write) != 0;
        var (limit, network) = (scene.Session.RequestLimit, world.Network);
        var (old, mine) = (new byte[Blocks * IserScene.BlockLength], new byte[Blocks * IserScene.BlockLength]);
        old.AsSpan().Fill(0x11);
        mine.AsSpan().Fill(0x22);
        scene.Target.Stores[0].Write(0, old);
        var data = isWrite ? mine.ToArray() : new byte[mine.Length];
        var command = scene.Commands.Submit(scene.Disk, isWrite ? Cdb.Write(0, Blocks) : Cdb.Read(0, Blocks), data);
        TaskManagementOutcome? outcome = null;
        scene.DoAtInitiator("user", 12, () => world.World.Watch(AbortAsync()));
        await world.World.Until(() => outcome is not null && command.HasEnded, "abort and command to end");
        world.World.CloseOrder();
        world.Saw($"{command.Outcome}, and the abort: {outcome}");
        var isRight = (outcome, command.Outcome) switch
        {
            (TaskManagementOutcome.Complete, CommandOutcome.Aborted) => true,
            (TaskManagementOutcome.TaskNotFound, _) => network.Answers(command),
            // Its answer came too late: error handling went on to a reset.
            (TaskManagementOutcome.TimedOut, CommandOutcome.Reset) => network.HasMeddled,
            (TaskManagementOutcome.ConnectionLost or TaskManagementOutcome.TimedOut, _) => network.MayCutConnections && network.Answers(command),
            _ => false,
        };
        world.Claim(isRight, "one-outcome", Source, $"the command is aborted, or answered with GOOD and not found by the abort; it ended with {command.Outcome} {command.Status}, the abort with {outcome}");
        if (command.IsGood && !isWrite) world.Claim(data.AsSpan().SequenceEqual(old), "data", "SBC-3 4.2", "an answered READ has its data");
        data.AsSpan().Fill(0xCC); // the memory is its owner's again
        await world.World.Delay(Duration.FromMilliseconds(20));
        world.Claim(data.AsSpan().IndexOfAnyExcept((byte)0xCC) < 0, "memory-returned", "SRP r16a 6.6", "nothing is written to the memory of a command that has ended");
        var held = new byte[mine.Length];
        scene.Target.Stores[0].Read(0, held);
        world.Claim(held.AsSpan().SequenceEqual(mine) || !(isWrite && command.IsGood) && held.AsSpan().IndexOfAnyExcept((byte)0x11, (byte)0x22) < 0, "stale-data", Source,
            "the disk holds the old or the new content, and an answered WRITE is on it");
        await scene.SettledAsync();
        // The answer to an abort that nobody waits for any more gives its place back when it comes.
        await world.ClaimWithin(Duration.Zero, () => scene.Session.RequestLimit == limit, "credits-back", "SRP r16a 5.4", $"the request limit is {limit} again");
        scene.Commands.ClaimAllEnded();
        var again = await scene.Commands.RunAsync(scene.Disk, Cdb.TestUnitReady(), retries: network.MayCutConnections ? 5 : 0);
        world.Claim(again.IsGood && network.LivesOn(scene.Session), "session-lives", Source, $"the session goes on: {again.Outcome} {again.Status}, {scene.Session.Logins} logins");

        async Task AbortAsync() => outcome = await scene.Disk.AbortAsync(command);
    }
}
