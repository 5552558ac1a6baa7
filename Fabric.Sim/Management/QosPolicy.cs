using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management;

/// <summary>
/// How links tell service levels apart: the lane of each, and how the lanes share a link. The values are those of <c>opensm -Q</c> without an
/// options file: a lane for each level, as far as a port has lanes; lane 0 before all others, which share what is left.
/// </summary>
public sealed record QosPolicy
{
    private const int Lanes = 15, Drop = 15, Weight = 4;
    /// <summary>Lane of each of the 16 service levels; 15: packets are dropped.</summary>
    public IReadOnlyList<byte> LaneOfLevel { get; init; } = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 7];
    /// <summary>Lanes and weights of high priority, in units of 64 bytes.</summary>
    public IReadOnlyList<(byte Lane, byte Weight)> High { get; init; } = [.. Enumerable.Range(0, Lanes).Select(lane => ((byte)lane, (byte)(lane == 0 ? Weight : 0)))];
    public IReadOnlyList<(byte Lane, byte Weight)> Low { get; init; } = [.. Enumerable.Range(0, Lanes).Select(lane => ((byte)lane, (byte)(lane == 0 ? 0 : Weight)))];
    /// <summary>4096 bytes that high priority may send before low has its turn; 0: one packet, 255: as much as there is.</summary>
    public byte HighLimit { get; init; }

    /// <summary>SLtoVLMappingTable of a port with so many lanes: lanes beyond them fold back onto those that there are.</summary>
    /// <param name="operationalVls">Code of PortInfo.</param>
    internal void WriteLanes(Span<byte> data, byte operationalVls)
    {
        var mask = MaskOf(operationalVls);
        for (var level = 0; level < SmpTables.ServiceLevels; level++) SmpTables.SetVl(data, level, LaneOfLevel[level] is var lane && lane == Drop ? Drop : lane & mask);
    }

    /// <summary>A part of the VLArbitrationTable: 1, 2 low priority, 3, 4 high.</summary>
    /// <param name="capacity">Entries of low or high priority that the port has.</param>
    internal void WriteArbitration(Span<byte> data, int part, byte operationalVls, int capacity)
    {
        var (entries, first, mask) = (part <= 2 ? Low : High, (part + 1) % 2 * SmpTables.ArbitrationEntriesPerPart, MaskOf(operationalVls));
        for (var i = first; i < Math.Min(Math.Min(entries.Count, capacity), first + SmpTables.ArbitrationEntriesPerPart); i++)
            SmpTables.SetArbitration(data, i - first, entries[i].Lane & mask, entries[i].Weight);
    }

    // 1, 2, 4, 8 or 15 lanes: of the last code all but the management's.
    private static int MaskOf(byte operationalVls) => operationalVls is >= 1 and <= 5 ? (1 << (operationalVls - 1)) - 1 : 0;
}
