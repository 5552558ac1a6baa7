using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Mad.Sa;

/// <summary>The subnet administration header of a MAD, bytes 36 to 55; the RMPP header stands before it, records behind it. IBA Vol 1 §15.2.1.1.</summary>
/// <param name="AttributeOffset">Bytes from one record to the next, in units of 8; 0 where there is one record at most.</param>
/// <param name="ComponentMask">Which components of the record in a request count.</param>
// 36 SM_Key:64 | 44 AttributeOffset:16 | 46 reserved:16 | 48 ComponentMask:64 | 56 data:200 bytes
public readonly record struct SaHeader(ulong SmKey, ushort AttributeOffset, ulong ComponentMask, ushort Reserved = 0)
{
    /// <summary>Where the header starts in the MAD.</summary>
    public const int Offset = RmppHeader.Offset + RmppHeader.Length;
    public const int Length = 20;
    /// <summary>Where the records start in the MAD.</summary>
    public const int DataOffset = Offset + Length;
    /// <summary>Bytes of records in one MAD.</summary>
    public const int DataLength = MadHeader.MadLength - DataOffset;
    /// <summary>Class version of subnet administration.</summary>
    public const byte ClassVersion = 2;

    /// <summary>Reads the header from a whole MAD.</summary>
    public static bool TryRead(ReadOnlySpan<byte> mad, out SaHeader header)
    {
        header = default;
        if (mad.Length < DataOffset) return false;
        header = new(ReadUInt64BigEndian(mad[36..]), ReadUInt16BigEndian(mad[44..]), ReadUInt64BigEndian(mad[48..]), ReadUInt16BigEndian(mad[46..]));
        return true;
    }

    /// <summary>Writes the header into a whole MAD.</summary>
    public void Write(Span<byte> mad)
    {
        WriteUInt64BigEndian(mad[36..], SmKey);
        WriteUInt16BigEndian(mad[44..], AttributeOffset);
        WriteUInt16BigEndian(mad[46..], Reserved);
        WriteUInt64BigEndian(mad[48..], ComponentMask);
    }
}
