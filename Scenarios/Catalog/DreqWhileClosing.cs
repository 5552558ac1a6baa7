using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>Both sides disconnect at one moment, and their DREQs cross: each must be answered, or its sender waits out its timer.</summary>
internal sealed class DreqWhileClosing : Scenario
{
    // Far below the time after which a DREQ without an answer is repeated.
    private static readonly Duration Soon = Duration.FromMilliseconds(1);

    public override string Name => "dreq-while-closing";
    public override string Claim => "A DREQ that arrives while the connection is being closed is answered with a DREP at once, also when the two cross.";
    public override string Source => "IBA 12.9.8.2; historical-races 24 (SCST 907bc8222)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Delivery, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world);
        var (target, initiator) = (new Messages(scene.Target.Host), new Messages(scene.InitiatorHost));
        var started = world.Now;
        scene.DoAtTarget("operator", 4, () => scene.Connection.Close(CloseReason.Administrative));
        scene.DoAtInitiator("user", 4, () => scene.Session.DropConnection("the user said so"));
        await scene.GoneAsync();
        var took = scene.Ledger.LastRelease - started;
        await scene.ClaimFreedOnceAsync(Source);
        world.Saw((target.Dreqs, initiator.Dreqs) switch
        {
            ( > 0, > 0) => "both sent DREQ, and they crossed",
            ( > 0, _) => "the target sent DREQ",
            _ => "the initiator sent DREQ",
        });
        world.Claim(target.Dreqs + initiator.Dreqs > 0, "dreq", Source, "at least one side sends DREQ");
        world.Claim(world.Network.CountsMessages(initiator.Dreps, target.Dreqs) && world.Network.CountsMessages(target.Dreps, initiator.Dreqs), "drep-for-each-dreq", Source,
            $"each DREQ has one DREP: the target sent {target.Dreqs} DREQ and got {initiator.Dreps} DREP, the initiator {initiator.Dreqs} and {target.Dreps}");
        world.Claim(world.Network.InTime(took, Duration.Zero, Soon), "no-timer", Source, $"the end waits for no timer: less than {Soon}, and took {took}");
    }

    /// <summary>Messages of disconnection that leave a host.</summary>
    internal sealed class Messages(ScenarioHost host)
    {
        private readonly Fabric.Sim.Links.FrameFault dreqs = host.Port.Count("DREQ", Wire.Cm(CmAttribute.Dreq));
        private readonly Fabric.Sim.Links.FrameFault dreps = host.Port.Count("DREP", Wire.Cm(CmAttribute.Drep));

        public int Dreqs => dreqs.Matched;
        public int Dreps => dreps.Matched;
    }
}
