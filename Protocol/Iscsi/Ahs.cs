namespace Weft.Protocol.Iscsi;

/// <summary>One additional header segment. RFC 7143 §11.2.2.</summary>
// 0 AHSLength: bytes after the type byte | 2 type | 3 specific | 4 content, padded to a word
public readonly ref struct Ahs(AhsType type, byte specific, ReadOnlySpan<byte> content)
{
    public const int HeaderLength = 4;

    public AhsType Type { get; } = type;
    /// <summary>The byte after the type, reserved in both known types; it counts in AHSLength.</summary>
    public byte Specific { get; } = specific;
    public ReadOnlySpan<byte> Content { get; } = content;

    /// <summary>Bytes that the segment takes with its padding.</summary>
    public int TotalLength => HeaderLength + ((Content.Length + 3) & ~3);

    public void Write(Span<byte> target)
    {
        target[..TotalLength].Clear();
        WriteUInt16BigEndian(target, (ushort)(Content.Length + 1));
        target[2] = (byte)Type;
        target[3] = Specific;
        Content.CopyTo(target[HeaderLength..]);
    }

    /// <summary>The part of a CDB beyond its 16th byte. RFC 7143 §11.2.2.3.</summary>
    public static Ahs ExtendedCdb(ReadOnlySpan<byte> cdb) => new(AhsType.ExtendedCdb, 0, cdb[CdbBytes.Length..]);

    /// <summary>Writes the expected read length of a bidirectional command; returns its length, 8. RFC 7143 §11.2.2.4.</summary>
    public static int WriteBidirectionalReadLength(Span<byte> target, uint length)
    {
        Span<byte> content = stackalloc byte[4];
        WriteUInt32BigEndian(content, length);
        new Ahs(AhsType.BidirectionalReadLength, 0, content).Write(target);
        return 8;
    }
}
