using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>A write takes several RDMA READs, and the device refuses to take the k-th.</summary>
internal sealed class SrpCablePullPartialRdma : Scenario
{
    private const int Pieces = 4;

    public override string Name => "srp-cable-pull-partial-rdma";
    public override string Claim => "A transfer of which only a part could be posted fails when that part is done; what arrived is not handed on.";
    public override string Source => "historical-races 29 (SCST 8681a0124)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 1_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        Faults.RefusingDevice? refusing = null;
        var scene = await SrpScene.BeginAsync(world, new() { Host = new() { Wrap = device => refusing = new(device) { WrapsAll = true } } },
            SrpScene.Persistent with { MaxRegistrationLength = 4096, UseImmediateData = false });
        var old = new byte[Pieces * 4096];
        old.AsSpan().Fill(0x11);
        scene.Target.Stores[0].Write(0, old);
        var mine = new byte[old.Length];
        mine.AsSpan().Fill(0x22);
        var refused = 1 + world.World.Chooser.Choose(Pieces, new(ChoiceKind.Fault, "refused piece"));
        refusing!.RefusesPost = refused;
        var write = scene.Commands.Submit(scene.Disk, Cdb.Write(0, (uint)old.Length / 512), mine);
        await world.World.Until(() => scene.Commands.IsEmpty, "the write to end", NetworkConduct.Patience);
        if (refusing.RefusesPost > 0)
        {
            // The write never got so far.
            world.Claim(world.Network.MayCutConnections && NetworkConduct.IsCutOff(write), "refused", Source, $"one request was refused; the write ended with {write.Outcome}");
            refusing.RefusesPost = 0;
            world.Saw("the network was faster");
        }
        else world.Saw($"piece {refused} refused, the write ended with {write.Outcome}");
        var held = new byte[old.Length];
        scene.Target.Stores[0].Read(0, held);
        world.Claim(held.AsSpan().SequenceEqual(old), "nothing-handed-on", Source, "the disk holds what it held before");
        world.Claim(!write.IsGood, "fails", Source, "the write is not said to be done");
        await scene.GoneAsync();
        await scene.ClaimFreedOnceAsync(Source);
    }
}
