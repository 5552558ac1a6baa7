namespace Weft.Protocol.Iscsi.Text;

/// <summary>Joins the data segments of a text that the C bit continues over several PDUs, up to a bound. RFC 7143 §6.2.</summary>
public sealed class TextAssembler(int bound)
{
    /// <summary>Room for a few full data segments of the login phase.</summary>
    public const int DefaultBound = 4 * 8192;
    private byte[] text = [];

    public int Bound { get; } = bound;
    public int Length { get; private set; }
    /// <summary>The text so far; valid until the next <see cref="Append"/>.</summary>
    public ReadOnlySpan<byte> Text => text.AsSpan(0, Length);

    /// <summary>Adds a segment. Refuses, and keeps nothing more, when the bound is passed.</summary>
    public Violation? Append(ReadOnlySpan<byte> segment)
    {
        if (segment.Length > Bound - Length)
            return new("text-bound", "RFC 7143 §6.2", $"more than {Bound} bytes of text");
        if (Length + segment.Length > text.Length) Array.Resize(ref text, Math.Min(Bound, Math.Max(2 * text.Length, Length + segment.Length)));
        segment.CopyTo(text.AsSpan(Length));
        Length += segment.Length;
        return null;
    }

    public void Clear() => Length = 0;
}
