using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Parameter list of UNMAP. SBC-3 §5.28.2.</summary>
// 0 data length (n-2):16 | 2 descriptor bytes:16 | 4 resv:32 | 8 descriptors
public static class UnmapList
{
    public const int HeaderLength = 8;

    public static int LengthFor(int descriptors) => HeaderLength + descriptors * UnmapDescriptor.Length;

    public static int Write(Span<byte> target, ReadOnlySpan<UnmapDescriptor> ranges)
    {
        var length = LengthFor(ranges.Length);
        WriteUInt16BigEndian(target, (ushort)(length - 2));
        WriteUInt16BigEndian(target[2..], (ushort)(ranges.Length * UnmapDescriptor.Length));
        WriteUInt32BigEndian(target[4..], 0);
        for (var i = 0; i < ranges.Length; i++) ranges[i].Write(target[LengthFor(i)..]);
        return length;
    }

    /// <summary>
    /// Reads the header of a whole parameter list. The count is of whole descriptors that both length fields and the list cover: a partial
    /// one at the end is no error (SBC-3 §5.28.2).
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out int descriptors)
    {
        descriptors = 0;
        if (source.Length < HeaderLength) return false;
        int dataLength = ReadUInt16BigEndian(source), bytes = ReadUInt16BigEndian(source[2..]);
        bytes = Math.Min(bytes, Math.Min(source.Length, Math.Max(dataLength + 2, HeaderLength)) - HeaderLength);
        descriptors = bytes / UnmapDescriptor.Length;
        return true;
    }

    /// <summary>Range 0..descriptors-1.</summary>
    public static UnmapDescriptor Entry(ReadOnlySpan<byte> source, int index)
    {
        UnmapDescriptor.TryRead(source[LengthFor(index)..], out var descriptor);
        return descriptor;
    }
}
