using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog;

/// <summary>A command is aborted at any moment of its life, from waiting to be sent to its answer being on the way.</summary>
internal sealed class AbortVsCompletion : Scenario
{
    private static readonly Setting Blocks = new("blocks", 8, 1, 512, "blocks", "Length of the command, in blocks of 512 bytes.");
    private static readonly Setting Write = new("write", 0, 0, 1, "0 or 1", "1: the command is a WRITE, 0: a READ.");

    public override string Name => "abort-vs-completion";
    public override string Claim => "An aborted command has exactly one outcome: its answer, and the abort finds no task; or none, and nothing touches its data any more.";
    public override string Source => "SAM-5 7.2; RFC 7143 11.5.1; historical-races 38 (SCST 33a4bccc3, c196d7bbc)";
    public override IReadOnlyList<Setting> Settings { get; } = [Blocks, Write, CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.BackEnd, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, new() { Timing = new StoreTiming(1, Duration.FromMicroseconds(2)) });
        var blocks = (uint)world.Settings.Get(Blocks);
        var isWrite = world.Settings.Get(Write) != 0;
        var (old, mine) = (Pattern(1), Pattern(2));
        scene.Target.Stores[0].Write(0, old);
        var data = isWrite ? mine.ToArray() : new byte[mine.Length];
        var command = scene.Commands.Submit(scene.Disk, isWrite ? Cdb.Write(0, blocks) : Cdb.Read(0, blocks), data);
        TaskManagementOutcome? outcome = null;
        scene.DoAtInitiator("user", 12, () => world.World.Watch(AbortAsync()));
        await world.World.Until(() => outcome is not null && command.HasEnded, "abort and command to end");
        world.World.CloseOrder();
        world.Saw($"{command.Outcome}, and the abort: {outcome}");

        var network = world.Network;
        var isRight = (outcome, command.Outcome) switch
        {
            (TaskManagementOutcome.Complete, CommandOutcome.Aborted) => true,
            (TaskManagementOutcome.TaskNotFound or TaskManagementOutcome.ConnectionLost or TaskManagementOutcome.TimedOut, CommandOutcome.Completed) =>
                network.Answers(command) && (outcome == TaskManagementOutcome.TaskNotFound || network.MayCutConnections),
            _ => network.Answers(command), // only where both ended with their connection
        };
        world.Claim(isRight, "one-outcome", Source, $"the command is aborted, or answered with GOOD and not found by the abort; it ended with {command.Outcome} {command.Status}, the abort with {outcome}");
        var seen = data.ToArray();
        if (command.IsGood && !isWrite) world.Claim(seen.AsSpan().SequenceEqual(old), "data", "SBC-3 4.2", "an answered READ has its data");
        data.AsSpan().Fill(0xCC); // the memory is its owner's again
        await world.World.Delay(Duration.FromMilliseconds(20));
        world.Claim(data.AsSpan().IndexOfAnyExcept((byte)0xCC) < 0, "memory-returned", "RFC 7145 7.3.7", "nothing is written to the memory of a command that has ended");
        var held = new byte[mine.Length];
        scene.Target.Stores[0].Read(0, held);
        if (isWrite && command.IsGood) world.Claim(held.AsSpan().SequenceEqual(mine), "data", "SBC-3 4.2", "an answered WRITE is on the disk");
        for (var block = 0; block < blocks; block++)
        {
            var part = held.AsSpan(block * (int)IserScene.BlockLength, (int)IserScene.BlockLength);
            world.Claim(part.SequenceEqual(Of(old, block)) || isWrite && part.SequenceEqual(Of(mine, block)), "stale-data", Source,
                $"block {block} holds the old or the new content, and nothing else");
        }
        scene.Commands.ClaimAllEnded();
        var again = await scene.Commands.RunAsync(scene.Disk, Cdb.TestUnitReady(), retries: network.MayCutConnections ? 5 : 0);
        world.Claim(again.IsGood && network.LivesOn(scene.Session), "session-lives", Source, $"the session goes on: {again.Outcome} {again.Status}, {scene.Session.Logins} logins");

        async Task AbortAsync()
        {
            outcome = await scene.Disk.AbortAsync(command);
        }

        byte[] Pattern(byte first)
        {
            var pattern = new byte[blocks * IserScene.BlockLength];
            for (var i = 0; i < pattern.Length; i++) pattern[i] = (byte)(first + i * 5);
            return pattern;
        }

        static ReadOnlySpan<byte> Of(byte[] content, int block) => content.AsSpan(block * (int)IserScene.BlockLength, (int)IserScene.BlockLength);
    }
}
