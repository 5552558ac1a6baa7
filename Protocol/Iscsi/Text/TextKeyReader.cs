namespace Weft.Protocol.Iscsi.Text;

/// <summary>
/// Walks the pairs of a text data segment. Stops at the first that breaks the format, with <see cref="Violation"/> set.
/// Empty strings between pairs are passed over: some peers count their padding in the data segment length.
/// </summary>
public ref struct TextKeyReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> rest = text;

    public TextPair Current { get; private set; }
    public Violation? Violation { get; private set; }

    public bool MoveNext()
    {
        rest = rest.TrimStart((byte)0);
        if (rest.IsEmpty) return false;
        var end = rest.IndexOf((byte)0);
        if (end < 0) return Stop("a pair is not ended by NUL");
        var pair = rest[..end];
        rest = rest[(end + 1)..];
        var equals = pair.IndexOf((byte)'=');
        if (equals < 0) return Stop("a pair has no '='");
        if (equals is 0 or > TextPair.MaxKeyLength) return Stop($"a key of {equals} bytes, allowed are 1..{TextPair.MaxKeyLength}");
        var value = pair[(equals + 1)..];
        if (value.Length > TextPair.MaxBinaryValueLength) return Stop($"a value of {value.Length} bytes");
        foreach (var b in pair[..equals])
            if (!IsKeyByte(b)) return Stop($"byte 0x{b:x2} in a key");
        Current = new(pair[..equals], value);
        return true;
    }

    // RFC 7143 §6.1: letters, digits, '.', '-', '+', '@', '_'; a key of the vendor or of a registry may hold '#' after its X
    private static bool IsKeyByte(byte b) =>
        char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'-' or (byte)'+' or (byte)'@' or (byte)'_' or (byte)'#';

    private bool Stop(string detail)
    {
        Violation = new("text-format", "RFC 7143 §6.1", detail);
        rest = default;
        return false;
    }
}
