using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using Weft.Protocol.Srp;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>The initiator may send commands as soon as its RTU is on the way, so the target can see them before it knows that the channel is live.</summary>
internal sealed class SrpCommandBeforeRtu : Scenario
{
    private static readonly Setting Commands = new("commands", 3, 1, 12, "commands", "Commands that are sent at once.");

    public override string Name => "srp-command-before-rtu";
    public override string Claim => "Commands that arrive before the channel is live are held; all are done then, and none is answered before.";
    public override string Source => "IBA 12.9.8.1; historical-races 2 (SCST 4c36a0632, 210b5d466)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = SrpTargetNode.Add(world);
        var ledger = new SrpLedger(target);
        var early = 0;
        var isResponse = SrpFrames.Unit(SrpOpcode.Response);
        target.Host.Port.Count("responses before the channel is live", frame =>
        {
            if (isResponse(frame) && ledger.Live == 0) early++;
            return false;
        });
        var initiator = world.AddInitiator();
        var session = await world.ClaimLogin(() => initiator.LoginAsync(target.Address(), SrpScene.Persistent), "login", Source);
        var commands = new CommandLedger(world);
        var sent = new List<CommandLedger.Entry>();
        for (var i = 0; i < world.Settings.Get(Commands); i++) sent.Add(commands.Submit(session.OpenDisk(0), Cdb.Read((ulong)i, 1), new byte[IserScene.BlockLength]));
        await world.World.Until(() => commands.IsEmpty, "all commands to end");
        world.World.CloseOrder();
        world.Saw(ledger.Held > 0 ? $"{ledger.Held} commands came first" : "established first");
        world.Claim(early == 0, "none-before-live", Source, $"nothing is answered before the channel is live, but {early} responses were sent");
        foreach (var command in sent) world.Claim(world.Network.Answers(command), "all-done", Source, $"{command} is done, and ended with {command.Outcome} {command.Status}");
        world.Claim(world.Network.Counts(session.Retries, 0), "done-once", Source, $"no command is sent again, and {session.Retries} were");
        ledger.ClaimBalance(world, Source);
    }
}
