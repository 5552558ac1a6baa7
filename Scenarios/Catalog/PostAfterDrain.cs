using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>The back end answers while the connection is closing: the answer must not be posted behind the markers that end the queues.</summary>
internal sealed class PostAfterDrain : Scenario
{
    public override string Name => "post-after-drain";
    public override string Claim => "An answer of the back end after the drain has begun frees its task and posts nothing behind the markers, neither a response nor a receive.";
    public override string Source => "IBA 10.3.1; historical-races 21 (SCST 7a2d9043f)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.BackEnd, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, new()
        {
            Timing = StoreTiming.AnyOrder(2, Duration.FromMicroseconds(2)),
            Policy = KeyPolicy.ImmediateDataTarget(), // the receive buffer of a write is in use until it ends, and wants to be posted again then
        });
        var (isClosing, answers, late) = (false, 0, 0);
        for (var lane = 0; lane < 2; lane++)
            world.OnEvent(scene.Target.Host, $"ram0/{lane}", () =>
            {
                answers++;
                if (isClosing) late++;
            });
        var read = scene.Commands.Submit(scene.Disk, Cdb.Read(0, 1), new byte[IserScene.BlockLength]);
        var write = scene.Commands.Submit(scene.Disk, Cdb.Write(64, 1), new byte[IserScene.BlockLength]);
        scene.DoAtTarget("operator", 9, () =>
        {
            isClosing = true;
            scene.Connection.Close(CloseReason.Administrative);
        });
        await scene.GoneAsync();
        world.Saw($"{answers} answers of the back end, {late} of them after the drain began");
        foreach (var command in new[] { read, write })
            world.Claim(world.Network.Answers(command) || NetworkConduct.IsCutOff(command), "outcome", Source,
                $"a command is answered with GOOD or cut off, and ended with {command.Outcome} {command.Status}");
        var store = scene.Target.Stores[0];
        world.Claim(store.Outstanding == 0, "store-quiet", Source, $"the back end has answered everything, but owes {store.Outstanding}");
        await scene.ClaimFreedOnceAsync(Source);
    }
}
