using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// The two queues of a queue pair in error are flushed each in its own order, and the marker behind one says nothing of the other.
/// </summary>
internal sealed class DrainNotLast : Scenario
{
    public override string Name => "drain-not-last";
    public override string Claim => "A connection is given back only when both of its queues have drained, whichever of them is the last.";
    public override string Source => "IBA 10.3.1; historical-races 20 (SCST 3ce0f6604)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world);
        var flushed = "";
        world.OnEvent(scene.Target.Host, "target send flush", () => flushed += "s");
        world.OnEvent(scene.Target.Host, "target receive flush", () => flushed += "r");
        var read = scene.Commands.Submit(scene.Disk, Cdb.Read(0, 8), new byte[8 * IserScene.BlockLength]);
        // The peer ends it, so that nothing but the two queues is left to wait for.
        scene.DoAtInitiator("user", 9, () => scene.Session.DropConnection("the user said so"));
        await scene.GoneAsync();
        world.Claim(flushed is "sr" or "rs" || flushed.Length > 2 && world.Network.MayCutConnections, "both-flushed", Source, $"both queues are flushed, each once, and were in the order '{flushed}'");
        world.Saw(flushed == "sr" ? "receives flushed last" : "sends flushed last");
        world.Saw(read.IsGood ? "read answered" : "read cut off");
        await scene.ClaimFreedOnceAsync(Source);
    }
}
