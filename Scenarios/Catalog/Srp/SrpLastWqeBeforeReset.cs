using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>With a shared receive queue the end of a channel is told by the last-WQE event, which has no order with the completions before it.</summary>
internal sealed class SrpLastWqeBeforeReset : Scenario
{
    private static readonly Setting Commands = new("commands", 1, 1, 12, "commands", "Reads under way when the channel ends.");

    public override string Name => "srp-last-wqe-before-reset";
    public override string Claim => "A channel on a shared receive queue is given back once, after its last completion, every buffer is the queue's again, and the next login works.";
    public override string Source => "IBA 10.2.9.3; historical-races 26 (SCST 1c358f422)";
    public override IReadOnlyList<Setting> Settings { get; } = 
        [Commands, CommonSettings.Window with { Default = 100_000 }, .. CommonSettings.LinksWith(CommonSettings.Bandwidth with { Default = 1_000 }, CommonSettings.Mtu with { Default = 1500 })];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        const int Buffers = 8;
        var scene = await SrpScene.BeginAsync(
            world, new() { Timing = new StoreTiming(1, Duration.FromMicroseconds(20)), Target = new() { QueueDepth = 16, UseSrq = true, SrqSize = Buffers } },
            SrpScene.Persistent with { CmdSgEntries = 128, MaxRegistrationLength = 512 }); // tables of 2 KiB: requests of several packets
        for (var i = 0; i < world.Settings.Get(Commands); i++) scene.Commands.Submit(scene.Disk, Cdb.Read((ulong)i, 128), new byte[65536], retries: 5);
        scene.DoAtTarget("close", 32, () => scene.Channel.Close(Weft.Target.Sessions.CloseReason.Administrative)); // perhaps in the middle of a request
        await scene.GoneAsync();
        await scene.ClaimFreedOnceAsync(Source);
        world.Saw($"{scene.Session.Retries} commands sent again");
        // All buffers at once: one that was lost would leave the last of these without.
        var waits = scene.Target.Host.Port.Count("RNR NAK", SrpFrames.ReceiverNotReady);
        for (var i = 0; i < Buffers; i++) scene.Commands.Submit(scene.Disk, Cdb.Read((ulong)i, 1), new byte[IserScene.BlockLength]);
        await world.World.Until(() => scene.Commands.IsEmpty, "the last commands to end", NetworkConduct.Patience);
        // A request whose connection is cut in the middle of it takes a buffer along for a while.
        world.Claim(waits.Matched == 0 || world.Network.MayCutConnections, "buffers-back", Source, $"all {Buffers} buffers are the queue's again, but {waits.Matched} requests found none");
    }
}
