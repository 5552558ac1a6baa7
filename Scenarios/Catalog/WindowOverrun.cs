using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// The connection is lost while more is to be done than the next session's window takes: what was sent in the old one's must wait its turn.
/// </summary>
internal sealed class WindowOverrun : Scenario
{
    private static readonly Setting Commands = new("commands", 12, 1, 1000, "commands", "Commands to be done.");
    private static readonly Setting Shrunk = new("shrunk", 2, 1, 128, "commands", "Window of the second session; the first one's is 16.");

    public override string Name => "window-overrun";
    public override string Claim => "When the window shrinks the initiator keeps back what does not fit: nothing is sent beyond MaxCmdSN, and each command is answered once.";
    public override string Source => "RFC 7143 4.2.2.1; historical-races 48 (libiscsi d200d7b)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, Shrunk, CommonSettings.Window with { Default = 200 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, window: 16);
        scene.Target.Target.QueuedCommands = (int)world.Settings.Get(Shrunk); // for sessions to come
        var commands = new List<CommandLedger.Entry>();
        for (var i = 0u; i < world.Settings.Get(Commands); i++)
            commands.Add(scene.Commands.Submit(scene.Disk, Cdb.Read(i, 1), new byte[IserScene.BlockLength], retries: 5));
        var before = 0;
        scene.DoAtInitiator("user", 6, () =>
        {
            before = scene.Commands.Ended;
            scene.Session.DropConnection("the user said so");
        });
        await scene.GoneAsync();
        world.Saw(before == commands.Count ? "all answered before the connection was lost" : before == 0 ? "all left to the second session" : "some left to the second session");
        // What is sent beyond the window breaks a rule of the wire, and the target answers nothing of it.
        foreach (var command in commands)
            world.Claim(world.Network.Answers(command), "answered", Source, $"{command} is answered with GOOD, and ended with {command.Outcome} {command.Status}");
        await scene.ClaimFreedOnceAsync(Source);
    }
}
