namespace Weft.Protocol.Iscsi;

/// <summary>Walks the additional header segments of a PDU. A segment that does not fit stops it with <see cref="Violation"/> set.</summary>
public ref struct AhsReader(ReadOnlySpan<byte> segments)
{
    private ReadOnlySpan<byte> rest = segments;

    public Ahs Current { get; private set; }
    public Violation? Violation { get; private set; }

    public readonly AhsReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (rest.IsEmpty) return false;
        if (rest.Length < Ahs.HeaderLength) return Stop($"{rest.Length} bytes left, a segment has at least 4");
        var length = ReadUInt16BigEndian(rest);
        if (length == 0) return Stop("AHSLength 0 does not even cover the specific byte");
        var total = Ahs.HeaderLength + ((length - 1 + 3) & ~3);
        if (total > rest.Length) return Stop($"AHSLength {length} in {rest.Length} bytes");
        Current = new((AhsType)rest[2], rest[3], rest.Slice(Ahs.HeaderLength, length - 1));
        rest = rest[total..];
        return true;
    }

    /// <summary>The content of the first segment of a type; false if there is none or the segments are malformed.</summary>
    public static bool TryFind(ReadOnlySpan<byte> segments, AhsType type, out ReadOnlySpan<byte> content)
    {
        var reader = new AhsReader(segments);
        while (reader.MoveNext())
        {
            if (reader.Current.Type != type) continue;
            content = reader.Current.Content;
            return true;
        }
        content = default;
        return false;
    }

    private bool Stop(string detail)
    {
        Violation = new("ahs", "RFC 7143 §11.2.2", detail);
        rest = default;
        return false;
    }
}
