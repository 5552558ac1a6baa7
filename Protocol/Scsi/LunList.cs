using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Answer of REPORT LUNS. SPC-4 §6.33.</summary>
// 0 list bytes:32 | 4 resv:32 | 8 n x 8
public static class LunList
{
    public const int HeaderLength = 8;

    public static int LengthFor(int count) => HeaderLength + count * Lun.Length;

    public static int Write(Span<byte> target, ReadOnlySpan<Lun> luns)
    {
        WriteUInt32BigEndian(target, (uint)(luns.Length * Lun.Length));
        WriteUInt32BigEndian(target[4..], 0);
        for (var i = 0; i < luns.Length; i++) luns[i].Write(target[LengthFor(i)..]);
        return LengthFor(luns.Length);
    }

    /// <summary>Reads the header. <paramref name="present"/> is how many entries are here, <paramref name="total"/> how many the unit has.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out int present, out int total)
    {
        (present, total) = (0, 0);
        if (source.Length < HeaderLength) return false;
        total = (int)(ReadUInt32BigEndian(source) / Lun.Length);
        present = Math.Min(total, (source.Length - HeaderLength) / Lun.Length);
        return true;
    }

    /// <summary>Entry 0..present-1.</summary>
    public static Lun Entry(ReadOnlySpan<byte> source, int index) => Lun.Read(source[LengthFor(index)..]);
}
