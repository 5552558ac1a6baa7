namespace Weft.Protocol.Iscsi;

/// <summary>A whole PDU in a buffer: header, additional segments, data, and what follows the data as padding.</summary>
public readonly ref struct PduView
{
    private PduView(scoped in Bhs bhs, ReadOnlySpan<byte> ahs, ReadOnlySpan<byte> data, ReadOnlySpan<byte> padding)
    {
        Bhs = bhs;
        Ahs = ahs;
        Data = data;
        Padding = padding;
    }

    public Bhs Bhs { get; }
    public ReadOnlySpan<byte> Ahs { get; }
    public ReadOnlySpan<byte> Data { get; }
    /// <summary>0..3 bytes, as they came: LIO leaves old bytes in them.</summary>
    public ReadOnlySpan<byte> Padding { get; }

    public int TotalLength => Bhs.Length + Ahs.Length + Data.Length + Padding.Length;

    /// <summary>
    /// Reads a PDU that fills <paramref name="source"/>. Padding may be missing or short, since libiscsi and tgt send none over iSER
    /// (RFC 7145 §4.1 makes the layer below keep the length); more than three extra bytes, or data that is not there, is refused.
    /// </summary>
    public static Violation? TryRead(ReadOnlySpan<byte> source, out PduView pdu)
    {
        pdu = default;
        if (!Bhs.TryRead(source, out var bhs))
            return new("bhs-length", "RFC 7143 §11.2.1", $"{source.Length} bytes, a header has {Bhs.Length}");
        var rest = source[Bhs.Length..];
        if (rest.Length < bhs.AhsLength)
            return new("ahs-length", "RFC 7143 §11.2.1.5", $"TotalAHSLength {bhs.AhsLength} bytes, {rest.Length} there");
        var ahs = rest[..bhs.AhsLength];
        rest = rest[bhs.AhsLength..];
        if (rest.Length < bhs.DataSegmentLength)
            return new("data-length", "RFC 7143 §11.2.1.6", $"DataSegmentLength {bhs.DataSegmentLength}, {rest.Length} bytes there");
        if (rest.Length > bhs.PaddedDataLength)
            return new("data-length", "RFC 7143 §11.2.1.6", $"DataSegmentLength {bhs.DataSegmentLength}, {rest.Length} bytes there");
        pdu = new(bhs, ahs, rest[..bhs.DataSegmentLength], rest[bhs.DataSegmentLength..]);
        return null;
    }

    /// <summary>Writes it all back, padding included; returns the length.</summary>
    public int Write(Span<byte> target)
    {
        Bhs.Write(target);
        Ahs.CopyTo(target[Bhs.Length..]);
        Data.CopyTo(target[(Bhs.Length + Ahs.Length)..]);
        Padding.CopyTo(target[(Bhs.Length + Ahs.Length + Data.Length)..]);
        return TotalLength;
    }

    public override string ToString() => PduText.Describe(this);
}
