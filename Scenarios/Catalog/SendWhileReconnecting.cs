using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>Commands are given to the initiator at every step of losing a connection and making the next one.</summary>
internal sealed class SendWhileReconnecting : Scenario
{
    private static readonly Setting Commands = new("commands", 20, 1, 1000, "commands", "Commands, one after the other, from before the loss on.");
    private static readonly Setting Gap = new("gap", 6, 1, 1_000_000, "us", "Time between two commands.");

    public override string Name => "send-while-reconnecting";
    public override string Claim => "A command that is submitted in the middle of a reconnect is queued, and answered once when the session is there again.";
    public override string Source => "RFC 7143 7.5; historical-races 53 (libiscsi dcf95f9; sahlberg/libiscsi#319)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, Gap, CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world);
        var commands = new List<(CommandLedger.Entry Command, SessionState At)>();
        var way = world.Chooser.Choose(2, new(ChoiceKind.Fault, "who ends it"));
        if (way == 0) scene.DoAtInitiator("user", 6, () => scene.Session.DropConnection("the user said so"));
        else scene.DoAtTarget("operator", 6, () => scene.Connection.Close(Target.Sessions.CloseReason.Administrative));
        for (var i = 0u; i < world.Settings.Get(Commands); i++)
        {
            commands.Add((scene.Commands.Submit(scene.Disk, Cdb.Read(i, 1), new byte[IserScene.BlockLength], retries: 5), scene.Session.State));
            await world.Delay(Duration.FromMicroseconds(world.Settings.Get(Gap)));
        }
        await scene.GoneAsync();
        world.Saw($"{(way == 0 ? "dropped by the initiator" : "closed by the target")}, {(commands.Exists(c => c.At == SessionState.Recovering) ? "commands submitted in between" : "all submitted before or after")}");
        foreach (var (command, at) in commands)
            world.Claim(world.Network.Answers(command), "answered", Source, $"{command}, submitted while the session was {at}, is answered with GOOD, and ended with {command.Outcome} {command.Status}");
        await scene.ClaimFreedOnceAsync(Source);
    }
}
