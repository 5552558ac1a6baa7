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
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = SrpTargetNode.Add(world);
        var ledger = new SrpLedger(target);
        var initiator = world.AddInitiator();
        var session = await world.ClaimLogin(() => initiator.LoginAsync(target.Address(), SrpScene.Persistent), "login", "SRP r16a 5.1");
        var (ended, last) = (0, 0); // the last one that was answered
        var count = (int)world.Settings.Get(Commands);
        for (var i = 1; i <= count; i++)
        {
            var number = i;
            var data = new byte[IserScene.BlockLength];
            data.AsSpan().Fill((byte)i);
            var command = new DiskCommand { Data = data, Order = CommandOrder.Ordered, Completed = done => OnEnded(done, number) };
            command.SetCdb(Cdb.Write(0, 1));
            session.OpenDisk(0).Submit(command);
        }
        await world.World.Until(() => ended == count, "all writes to end", NetworkConduct.Patience);
        world.World.CloseOrder();
        world.Saw($"{ledger.Held} waited");
        var held = new byte[IserScene.BlockLength];
        target.Stores[0].Read(0, held);
        world.Claim(held.AsSpan().IndexOfAnyExcept(held[0]) < 0, "whole", "SBC-3 4.2", "a block is written whole");
        // The network may cut some off, done or not; but what was done stands in the order in which it was sent.
        world.Claim(held[0] == count || held[0] >= last && last < count && world.Network.MayCutConnections, "arrival-order", Source,
            $"the block holds the last of {count} ordered writes, and holds number {held[0]}; number {last} was the last to be answered");
        ledger.ClaimBalance(world, Source);

        void OnEnded(DiskCommand write, int number)
        {
            ended++;
            world.Claim(world.Network.Answers(write), "done", Source, $"write {number} is done, and ended with {write.Outcome} {write.Status}");
            if (write.IsGood) last = Math.Max(last, number);
        }
    }
}
