using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Tables of a port that no manager has written yet: service level n on lane n mod 8 of the eight lanes, equal weights.</summary>
internal static class FactoryTables
{
    private static readonly byte[] Sl = [0x01, 0x23, 0x45, 0x67, 0x01, 0x23, 0x45, 0x67];
    private static readonly byte[] Low = Lanes(weight: 4), Empty = new byte[SmpData.Length];

    public static ReadOnlySpan<byte> SlToVl => Sl;

    /// <summary>Low priority: each lane with weight 4; high priority: nothing.</summary>
    public static ReadOnlySpan<byte> Arbitration(int part) => part == 1 ? Low : Empty;

    private static byte[] Lanes(int weight)
    {
        var table = new byte[SmpData.Length];
        for (var vl = 0; vl < 8; vl++) SmpTables.SetArbitration(table, vl, vl, weight);
        return table;
    }
}
