using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>No acknowledgement reaches the target any more: its queue pair gives up after all its retries, which takes long.</summary>
internal sealed class SrpCompletionLaterThanTimer : Scenario
{
    public override string Name => "srp-completion-later-than-timer";
    public override string Claim => "The error completion of a queue pair whose peer is silent comes before the target's own timer, and ends the channel once.";
    public override string Source => "IBA 9.9.2.1; historical-races 31 (SCST 42c151b01)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 100 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await SrpScene.BeginAsync(world);
        var command = scene.Commands.Submit(scene.Disk, Cdb.Read(0, 8), new byte[4096]);
        var isSilent = true;
        var acknowledgements = Wire.Packet(o => o.IsAcknowledge);
        scene.InitiatorHost.Port.Plan(new("acknowledgements", frame => isSilent && acknowledgements(frame)) { Action = FrameFaultAction.Drop, Count = int.MaxValue });
        var began = scene.Target.Host.Node.Now;
        await world.World.Until(() => scene.Ledger.Closings.Count > 0, "the channel to close", NetworkConduct.Patience);
        isSilent = false;
        await scene.GoneAsync();
        var took = scene.Ledger.FirstClosing - began;
        world.Saw($"closed for {scene.Ledger.Closings[0]}");
        world.Claim(scene.Ledger.Overdue == 0, "completion-first", Source, $"the completion comes before the target's timer, but that ran out after {took}");
        world.Claim(world.Network.InTime(took, Duration.Zero, Duration.FromSeconds(80)), "completion-first", Source, $"the queue pair gives up within 80 s, and took {took}");
        world.Claim(world.Network.Answers(command), "answered", Source, $"the command's response had arrived, so it is good, and ended with {command.Outcome}");
        await scene.ClaimFreedOnceAsync(Source);
    }
}
