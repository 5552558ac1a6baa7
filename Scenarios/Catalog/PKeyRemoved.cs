using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Subnet;
using Weft.Initiator;
using Weft.Protocol.Mad.Smp;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog;

/// <summary>A host loses its partition key in the middle of verified I/O, and has it again later.</summary>
internal sealed class PKeyRemoved : Scenario
{
    private static readonly Setting Commands = new("commands", 240, 1, 1_000_000, "commands", "Commands of the load.");
    private static readonly Setting Gone = new("gone", 60_000, 1, 600_000, "ms", "How long the key is gone: long enough that the connection is lost.");
    private static readonly Setting Moments = new("moments", 12, 1, 1000, "moments", "Moments at which it may happen, 10 microseconds apart.");

    public override string Name => "pkey-removed";
    public override string Claim => "Without its P_Key a host's packets go nowhere, so that its connection fails; with the key back the session recovers, each command ends once and data are intact.";
    public override string Source => "IBA 10.9.4 and 9.9.2.1";
    public override int Weight => 30;
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, Gone, Moments, .. CommonSettings.InfiniBandLinks];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.UseSubnet(new());
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Blocks = 4096 });
        var shadow = new ShadowDisk(4096, (int)IserScene.BlockLength);
        var load = new MixedLoad(world, scene.Commands, shadow, scene.Disk) { Retries = 5, MayBeCutOff = true };
        var isTarget = world.Chooser.Choose(2, new(ChoiceKind.Fault, "who loses it")) == 1;
        var moment = Duration.FromMicroseconds(10 * (1 + world.Chooser.Choose((int)world.Settings.Get(Moments), new(ChoiceKind.Fault, "when"))));
        var port = (isTarget ? scene.Target.Host : scene.InitiatorHost).Adapter!;
        var isBack = false;
        world.World.Faults.At(world.Now + moment, "key taken", () => SetKey(world, port.Model[1], default));
        world.World.Faults.At(world.Now + moment + Duration.FromMilliseconds(world.Settings.Get(Gone)), "key given back", () =>
        {
            isBack = true;
            SetKey(world, port.Model[1], PKey.Default);
        });
        await load.RunAsync((int)world.Settings.Get(Commands), depth: 16);
        world.CloseOrder();
        await world.Until(() => isBack && scene.Session.State == SessionState.LoggedIn, "the session to recover", NetworkConduct.Patience);
        var refused = port.Device.Ports[0].Counters.DroppedNoPKey;
        // Who waits for what the network lost may have had nothing to send.
        world.Claim(refused > 0 || world.Network.HasMeddled, "no-key", Source, "a port without a key sends nothing, and refused nothing");
        world.Saw($"{(isTarget ? "target" : "initiator")} without key: {(scene.Session.Logins > 1 ? "connection lost, new login" : "connection held")}");
        scene.Commands.ClaimAllEnded();
        await load.VerifyAsync();
    }

    /// <summary>As a manager that writes the table.</summary>
    private static void SetKey(ScenarioWorld world, SubnetPort port, PKey key)
    {
        Span<byte> block = stackalloc byte[SmpData.Length];
        SmpTables.SetPKey(block, 0, key);
        port.PKeys.WriteBlock(0, block);
        world.Subnet.Fabric.Refresh(port);
    }
}
