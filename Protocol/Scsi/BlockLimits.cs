using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>VPD page B0h: the limits of a block device, all in logical blocks, 0 = no limit reported. SBC-3 §6.6.3.</summary>
/// <param name="WriteSameNonZero">WSNZ: WRITE SAME with a count of 0 is refused.</param>
/// <param name="MaxCompareAndWrite">0: the command is not there.</param>
/// <param name="UnmapAlignment">Only given when <paramref name="HasUnmapAlignment"/> (UGAVALID).</param>
// 4 WSNZ | 5 max CAW | 6 optimal granularity:16 | 8 max transfer:32 | 12 optimal:32 | 16 max prefetch:32 | 20 max UNMAP blocks:32
// 24 max UNMAP descriptors:32 | 28 UNMAP granularity:32 | 32 UGAVALID:1 alignment:31 | 36 max WRITE SAME:64 | 44.. atomics 5 x 32
public readonly record struct BlockLimits(
    bool WriteSameNonZero = false, byte MaxCompareAndWrite = 0, ushort OptimalGranularity = 0, uint MaxTransfer = 0, uint OptimalTransfer = 0,
    uint MaxPrefetch = 0, uint MaxUnmapBlocks = 0, uint MaxUnmapDescriptors = 0, uint UnmapGranularity = 0, bool HasUnmapAlignment = false,
    uint UnmapAlignment = 0, ulong MaxWriteSame = 0)
{
    public const int Length = 64;

    /// <summary>Reads the page; a short one of SBC-2 times (16 bytes) gives the fields it has.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out BlockLimits limits)
    {
        limits = default;
        if (!VpdPage.TryBody(source, VpdPage.BlockLimits, out var body) || body.Length < 12) return false;
        Span<byte> p = stackalloc byte[Length];
        p.Clear();
        body[..Math.Min(body.Length, Length - 4)].CopyTo(p[4..]);
        var alignment = ReadUInt32BigEndian(p[32..]);
        limits = new((p[4] & 1) != 0, p[5], ReadUInt16BigEndian(p[6..]), ReadUInt32BigEndian(p[8..]), ReadUInt32BigEndian(p[12..]),
            ReadUInt32BigEndian(p[16..]), ReadUInt32BigEndian(p[20..]), ReadUInt32BigEndian(p[24..]), ReadUInt32BigEndian(p[28..]),
            alignment >> 31 != 0, alignment & 0x7FFF_FFFF, ReadUInt64BigEndian(p[36..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new VpdPage(0, VpdPage.BlockLimits, Length - VpdPage.Length).Write(target);
        (target[4], target[5]) = ((byte)(WriteSameNonZero ? 1 : 0), MaxCompareAndWrite);
        WriteUInt16BigEndian(target[6..], OptimalGranularity);
        WriteUInt32BigEndian(target[8..], MaxTransfer);
        WriteUInt32BigEndian(target[12..], OptimalTransfer);
        WriteUInt32BigEndian(target[16..], MaxPrefetch);
        WriteUInt32BigEndian(target[20..], MaxUnmapBlocks);
        WriteUInt32BigEndian(target[24..], MaxUnmapDescriptors);
        WriteUInt32BigEndian(target[28..], UnmapGranularity);
        WriteUInt32BigEndian(target[32..], (HasUnmapAlignment ? 0x8000_0000 : 0) | UnmapAlignment & 0x7FFF_FFFF);
        WriteUInt64BigEndian(target[36..], MaxWriteSame);
    }
}
