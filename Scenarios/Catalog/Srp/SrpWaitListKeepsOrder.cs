using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>Ordered writes to one block: some wait for the channel to be live, others arrive while those are taken up.</summary>
internal sealed class SrpWaitListKeepsOrder : Scenario
{
    private static readonly Setting Commands = new("commands", 5, 2, 12, "commands", "Writes, all to the same block, each ORDERED.");

    public override string Name => "srp-wait-list-keeps-order";
    public override string Claim => "Requests are handled in the order of their arrival, whether they waited for the channel or not.";
    public override string Source => "SAM-5 8.6; historical-races 3 (SCST 91358f846)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 500, Maximum = 100_000 }];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = SrpTargetNode.Add(world);
        var ledger = new SrpLedger(target);
        var session = await world.AddInitiator().LoginAsync(target.Address(), new());
        var ended = 0;
        var count = (int)world.Settings.Get(Commands);
        for (var i = 1; i <= count; i++)
        {
            var data = new byte[IserScene.BlockLength];
            data.AsSpan().Fill((byte)i);
            var command = new DiskCommand { Data = data, Order = CommandOrder.Ordered, Completed = _ => ended++ };
            command.SetCdb(Cdb.Write(0, 1));
            session.OpenDisk(0).Submit(command);
        }
        await world.World.Until(() => ended == count, "all writes to end");
        world.World.CloseOrder();
        world.Saw($"{ledger.Held} waited");
        var held = new byte[IserScene.BlockLength];
        target.Stores[0].Read(0, held);
        world.Claim(held.AsSpan().IndexOfAnyExcept((byte)count) < 0, "arrival-order", Source, $"the block holds the last of {count} ordered writes, and holds number {held[0]}");
        ledger.ClaimBalance(world, Source);
    }
}
