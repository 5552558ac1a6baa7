using Weft.Fabric.Sim.Management;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>Whatever arrives at a manager, it throws nothing, comes to rest and still answers.</summary>
public sealed class HostileInputTests
{
    private static readonly int Packets = int.TryParse(Environment.GetEnvironmentVariable("WEFT_FUZZ_ITERATIONS"), out var n) ? n : 4_000;
    private static readonly ushort[] Attributes = [.. Enum.GetValues<SaAttribute>().Select(a => (ushort)a), 0, 0x20, 0x99];
    private static readonly byte[] Methods = [1, 2, 3, 5, 6, 7, 0x12, 0x13, 0x14, 0x15, 0x81, 0x86, 0x92, 0x95];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_manager_survives_any_packets(int seed)
    {
        var random = new Random(seed);
        var managed = new Managed(Managed.FatTree(2));
        var manager = managed.Manager("h0", new() { SweepInterval = Duration.FromMilliseconds(50), PollInterval = Duration.FromMilliseconds(50) });
        var client = (IManagementClient)manager;
        var gids = managed.Subnet.Nodes.Where(n => !n.IsSwitch).Select(n => Gid.LinkLocal(n[1].Guid)).ToList();
        managed.Run(async w =>
        {
            await Managed.Up(w, manager);
            var mad = new byte[MadHeader.MadLength];
            for (var i = 0; i < Packets; i++)
            {
                Write(random, mad, gids);
                client.OnMad(new((ushort)random.Next(0, 40)), new((uint)random.Next(0, 3)), mad);
                if (i % 50 == 0) await w.Delay(Duration.FromMilliseconds(10));
            }
            await w.Delay(Duration.FromSeconds(30));
            manager.Stop(); // a forged order may have sent it to standby: from the beginning
            manager.Start();
            await w.Until(() => manager.IsUp, "the subnet is up again", Duration.FromSeconds(60));
            var probe = managed.Client("h2");
            probe.ManagerLid = managed.Subnet.Find("h0")![1].Lid;
            await probe.Query(w, MadMethod.GetTable, new NodeRecord(), []);
            Assert.Equal(managed.Subnet.Nodes.Count, probe.Count);
            manager.Stop();
        });
    }

    private static void Write(Random random, byte[] mad, List<Gid> gids)
    {
        random.NextBytes(mad);
        var isSa = random.Next(4) != 0;
        mad[0] = 1;
        mad[1] = isSa ? (byte)MadClass.SubnetAdministration : random.Next(2) == 0 ? (byte)MadClass.SubnetLidRouted : (byte)MadClass.SubnetDirectedRoute;
        mad[2] = (byte)(random.Next(20) == 0 ? random.Next(256) : isSa ? 2 : 1);
        mad[3] = random.Next(20) == 0 ? (byte)random.Next(256) : Methods[random.Next(Methods.Length)];
        if (random.Next(4) != 0) (mad[16], mad[17]) = ((byte)(Attributes[random.Next(Attributes.Length)] >> 8), (byte)Attributes[random.Next(Attributes.Length)]);
        if (random.Next(3) != 0) mad[26] = 0; // mostly not a segment
        if (random.Next(2) == 0) mad.AsSpan(48, 8).Clear();
        if (random.Next(2) == 0) mad[48 + random.Next(8)] = (byte)random.Next(256);
        for (var i = 0; i < 2; i++) gids[random.Next(gids.Count)].Write(mad.AsSpan(SaHeader.DataOffset + random.Next(6) * 8));
        mad[7] = (byte)random.Next(0, 64);
        mad[23] = (byte)random.Next(0, 7);
    }
}
