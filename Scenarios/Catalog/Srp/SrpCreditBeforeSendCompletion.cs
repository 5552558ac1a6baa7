using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>
/// A response gives its place in the request limit back at once; the target has the context back only when it sees the send completion. The
/// acknowledgements are lost for a while, so the initiator runs ahead.
/// </summary>
internal sealed class SrpCreditBeforeSendCompletion : Scenario
{
    private static readonly Setting Commands = new("commands", 24, 1, 1000, "commands", "Commands, with a request limit of three.");

    public override string Name => "srp-credit-before-send-completion";
    public override string Claim => "A request that uses a place before the target saw its send complete waits for a free context; none is dropped, and the limit never falls below what was granted.";
    public override string Source => "SRP r16a 5.4; historical-races 42 (SCST srpt_process_send_completion)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 100 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        const int Depth = 3;
        var scene = await SrpScene.BeginAsync(world, new() { Target = new() { QueueDepth = Depth } });
        var (count, retries) = ((int)world.Settings.Get(Commands), scene.Session.Retries);
        var lost = world.World.Chooser.Choose(4, new(ChoiceKind.Fault, "acknowledgements lost")) * count / 4;
        scene.InitiatorHost.Port.Plan(new("acknowledgements", Wire.Packet(o => o.IsAcknowledge)) { Action = FrameFaultAction.Drop, Count = Math.Max(1, lost), First = lost == 0 ? int.MaxValue : 1 });
        for (var i = 0; i < count; i++) scene.Commands.Submit(scene.Disk, Cdb.Read((ulong)i, 1), new byte[IserScene.BlockLength]);
        await world.World.Until(() => scene.Commands.IsEmpty, "all commands to end", NetworkConduct.Patience);
        world.World.CloseOrder();
        world.Saw(scene.Ledger.Held > 0 ? "requests waited for a context" : "no request waited");
        world.Claim(world.Network.LivesOn(scene.Session) && world.Network.Counts(scene.Session.Retries, retries), "none-dropped", Source, $"the session goes on and no command is sent again; {scene.Session.Logins} logins, {scene.Session.Retries} sent again: {scene.Session.LastProblem}");
        await world.World.Delay(Duration.FromSeconds(60));
        await scene.SettledAsync();
        world.Claim(scene.Session.RequestLimit == Depth, "credits-back", Source, $"the request limit is {Depth} again, and is {scene.Session.RequestLimit}");
        world.Claim(scene.Channel.TasksInUse == 0, "contexts-back", Source, $"all contexts are free in the end, but {scene.Channel.TasksInUse} are in use");
    }
}
