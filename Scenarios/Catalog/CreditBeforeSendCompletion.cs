using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// An answer gives the initiator its place in the window back at once; the target has its context and its places in the send queue only
/// when it sees the send completion. The acknowledgements are lost for a while, so the initiator runs ahead by several windows.
/// </summary>
internal sealed class CreditBeforeSendCompletion : Scenario
{
    private static readonly Setting Commands = new("commands", 32, 1, 1000, "commands", "Commands, one after another in a window of two.");

    public override string Name => "credit-before-send-completion";
    public override string Claim => "Commands that use a place of the window before the target saw its send complete wait for a free context; none is dropped, nothing overruns.";
    public override string Source => "RFC 7143 4.2.2.1; IBA 9.7.5; historical-races 42 (SCST srpt_process_send_completion)";
    public override int Weight => 4;
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 100 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, window: 2);
        var (count, retries) = ((int)world.Settings.Get(Commands), scene.Session.Retries);
        var chooser = world.World.Chooser;
        // None are lost, or the first so many of those that answer the target's sends and RDMA.
        var lost = chooser.Choose(5, new(ChoiceKind.Fault, "acknowledgements lost")) * count / 2;
        var (answers, ahead, isAcknowledged) = (0, 0, false);
        scene.InitiatorHost.Port.Plan(new("acknowledgements", Wire.Packet(o => o.IsAcknowledge)) { Action = FrameFaultAction.Drop, Count = Math.Max(1, lost), First = lost == 0 ? int.MaxValue : 1 });
        world.OnArrival(scene.InitiatorHost, Wire.Packet(o => o.IsSend), () => answers++);
        world.OnArrival(scene.Target.Host, Wire.Packet(o => o.IsAcknowledge), () =>
        {
            if (!isAcknowledged) ahead = answers;
            isAcknowledged = true;
        });
        for (var i = 0; i < count; i++) scene.Commands.Submit(scene.Disk, Cdb.Read((ulong)i, 1), new byte[IserScene.BlockLength]);
        var most = 0;
        await world.World.Until(() =>
        {
            most = Math.Max(most, scene.Connection.TasksInUse);
            return scene.Commands.IsEmpty;
        }, "all commands to end");
        world.World.CloseOrder();
        world.Saw(most > 4 ? "more contexts in use than two windows" : "no more contexts in use than two windows");
        world.Saw(ahead > 2 ? "several windows answered before the first send completion" : "send completions kept up");
        world.Claim(world.Network.LivesOn(scene.Session), "session-lives", Source, $"the session goes on, but logged in {scene.Session.Logins} times: {scene.Session.LastProblem}");
        world.Claim(world.Network.Counts(scene.Session.Retries, retries), "none-dropped", Source, $"no command is sent again, but {scene.Session.Retries - retries} were");
        await world.World.Delay(Duration.FromSeconds(60));
        world.Claim(scene.Connection.TasksInUse == 0, "contexts-back", Source, $"all contexts are free in the end, but {scene.Connection.TasksInUse} are in use");
    }
}
