using System.Buffers.Binary;

namespace Weft.Protocol.Mad;

/// <summary>
/// The header that every management datagram starts with. IBA Vol 1 §13.4.3. It has no bit without a name here, so whatever arrives is
/// written back unchanged; whether a version or a class is acceptable is for the agent that receives it to say.
/// </summary>
// 0 BaseVersion | 1 MgmtClass | 2 ClassVersion | 3 Method | 4 Status:16 | 6 ClassSpecific:16 | 8 TransactionID:64
// 16 AttributeID:16 | 18 reserved:16 | 20 AttributeModifier:32
public readonly record struct MadHeader(
    MadClass Class, byte ClassVersion, MadMethod Method, ushort AttributeId, ulong TransactionId, uint AttributeModifier = 0,
    ushort Status = 0, ushort ClassSpecific = 0, byte BaseVersion = 1, ushort Reserved = 0)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 24;
    /// <summary>Bytes of every MAD, header included. IBA Vol 1 §13.4.2.</summary>
    public const int MadLength = 256;
    /// <summary>Bit 7 of the method.</summary>
    public bool IsResponse => ((byte)Method & 0x80) != 0;

    public static bool TryRead(ReadOnlySpan<byte> source, out MadHeader header)
    {
        header = default;
        if (source.Length < Length) return false;
        header = new(
            (MadClass)source[1], source[2], (MadMethod)source[3], BinaryPrimitives.ReadUInt16BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]), BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[4..]), BinaryPrimitives.ReadUInt16BigEndian(source[6..]),
            source[0], BinaryPrimitives.ReadUInt16BigEndian(source[18..]));
        return true;
    }

    /// <summary>Writes all 24 bytes; <paramref name="target"/> must hold them.</summary>
    public void Write(Span<byte> target)
    {
        target[0] = BaseVersion;
        target[1] = (byte)Class;
        target[2] = ClassVersion;
        target[3] = (byte)Method;
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], Status);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], ClassSpecific);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], TransactionId);
        BinaryPrimitives.WriteUInt16BigEndian(target[16..], AttributeId);
        BinaryPrimitives.WriteUInt16BigEndian(target[18..], Reserved);
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], AttributeModifier);
    }

    public override string ToString() =>
        $"MAD {Class} v{ClassVersion} {Method} attr 0x{AttributeId:x4} mod 0x{AttributeModifier:x} tid 0x{TransactionId:x16}"
        + (Status == 0 ? "" : $" status 0x{Status:x4}");
}
