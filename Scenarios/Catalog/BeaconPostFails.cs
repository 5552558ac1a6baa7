using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Faults;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>A queue pair does not take the work request that is to mark the end of its queue.</summary>
internal sealed class BeaconPostFails : Scenario
{
    public override string Name => "beacon-post-fails";
    public override string Claim => "An end whose marker cannot be posted is as clean as any: nothing waits for the marker, every request ends once, and all is given back.";
    public override string Source => "IBA 10.3.1.5; historical-races 34 (SoftRoCE/rxe-dev#33)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.World.CloseOrder();
        RefusingDevice? atTarget = null, atInitiator = null;
        var target = world.AddTarget(options: new()
        {
            Host = new() { Wrap = device => atTarget = new(device) { WrapsAll = true } }, // and pings: they tell where a lost DREQ does not
        });
        var initiator = world.AddInitiator(world.AddHost("initiator", new() { Wrap = device => atInitiator = new(device) { WrapsAll = true } }));
        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, IserScene.Quiet), "login", Source);
        var disk = session.OpenDisk(0);
        await disk.ReadCapacityAsync();
        var ledger = new TargetLedger(target);
        world.World.OpenOrder();
        // Bit 0: the target's marker of the send queue is refused, bit 1: of the receive queue; the next two the initiator's.
        var which = world.Chooser.Choose(16, new(ChoiceKind.Fault, "which markers"));
        (atTarget!.RefusesSendMarker, atTarget.RefusesReceiveMarker) = ((which & 1) != 0, (which & 2) != 0);
        (atInitiator!.RefusesSendMarker, atInitiator.RefusesReceiveMarker) = ((which & 4) != 0, (which & 8) != 0);
        var commands = new CommandLedger(world);
        for (var i = 0u; i < 4; i++) commands.Submit(disk, Cdb.Read(8 * i, 8), new byte[8 * IserScene.BlockLength]);
        var hasUser = world.Chooser.Choose(2, new(ChoiceKind.Fault, "how it ends")) == 0;
        if (!hasUser) target.Software.Connections[0].Close(CloseReason.Administrative);
        await session.LogoutAsync();
        world.World.CloseOrder();
        await world.ClaimWithin(Duration.FromSeconds(60), () => target.Software.Connections.Count == 0 && commands.IsEmpty, "given-back", Source, "the connection is given back, and every command has ended");
        world.Saw(hasUser ? "logged out" : "closed by the target");
        commands.ClaimAllEnded();
        ledger.ClaimBalance(world, Source);
    }
}
