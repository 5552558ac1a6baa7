using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>The peer's DREQ, an operator and an error come at one moment, each a reason to disconnect.</summary>
internal sealed class DoubleDisconnect : Scenario
{
    public override string Name => "double-disconnect";
    public override string Claim => "However many reasons to disconnect come together, there is one farewell, one DREQ from each side at most, and one release.";
    public override string Source => "IBA 12.9.8; historical-races 25 (SCST 583f45295, tgt 7f059fd)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 200 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world);
        var (target, initiator) = (new DreqWhileClosing.Messages(scene.Target.Host), new DreqWhileClosing.Messages(scene.InitiatorHost));
        var read = scene.Commands.Submit(scene.Disk, Cdb.Read(0, 8), new byte[8 * IserScene.BlockLength]);
        scene.DoAtInitiator("user", 2, () => scene.Session.DropConnection("the user said so"));
        scene.DoAtTarget("operator", 7, () => scene.Connection.Close(CloseReason.Administrative));
        scene.DoAtTarget("error", 7, () => scene.Connection.Close(CloseReason.TransportError));
        await scene.GoneAsync();
        await scene.ClaimFreedOnceAsync(Source);
        world.Saw($"first reason: {scene.Connection.Reason}");
        world.Saw(read.IsGood ? "read answered" : "read cut off");
        world.Claim(scene.Ledger.Closings is [_, ..] closings && closings[0] == scene.Connection.Reason, "one-farewell", Source,
            $"the first reason is the one that counts: {string.Join(", ", scene.Ledger.Closings)}");
        world.Claim(world.Network.CountsConnections(scene.Ledger.Closings.Count, 1), "one-farewell", Source, $"the connection closes once, and did for {string.Join(", ", scene.Ledger.Closings)}");
        world.Claim(target.Dreqs <= 1 && initiator.Dreqs <= 1 || world.Network.HasMeddled, "one-exchange", Source,
            $"each side sends one DREQ at most, and were {target.Dreqs} and {initiator.Dreqs}");
        world.Claim(world.Network.CountsMessages(initiator.Dreps, target.Dreqs) && world.Network.CountsMessages(target.Dreps, initiator.Dreqs), "one-exchange", Source,
            $"each DREQ has one DREP: DREQs {target.Dreqs} and {initiator.Dreqs}, DREPs {initiator.Dreps} and {target.Dreps}");
    }
}
