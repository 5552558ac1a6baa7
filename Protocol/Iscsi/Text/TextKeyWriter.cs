using System.Buffers.Text;
using System.Text;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>Writes pairs into a buffer. A pair that does not fit is left out whole and <see cref="Overflowed"/> stays set.</summary>
public ref struct TextKeyWriter(Span<byte> target)
{
    private readonly Span<byte> target = target;

    public int Length { get; private set; }
    public bool Overflowed { get; private set; }
    public readonly ReadOnlySpan<byte> Written => target[..Length];

    public bool Add(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        if (Length + key.Length + value.Length + 2 > target.Length) return Fail();
        var rest = target[Length..];
        key.CopyTo(rest);
        rest[key.Length] = (byte)'=';
        value.CopyTo(rest[(key.Length + 1)..]);
        rest[key.Length + 1 + value.Length] = 0;
        Length += key.Length + value.Length + 2;
        return true;
    }

    public bool Add(string key, string value)
    {
        if (!TryStart(key, out var rest)) return Fail();
        if (!Encoding.UTF8.TryGetBytes(value, rest, out var n) || n >= rest.Length) return Fail();
        return End(key, rest, n);
    }

    public bool Add(string key, scoped ReadOnlySpan<byte> value)
    {
        if (!TryStart(key, out var rest) || value.Length >= rest.Length) return Fail();
        value.CopyTo(rest);
        return End(key, rest, value.Length);
    }

    public bool Add(string key, uint value)
    {
        if (!TryStart(key, out var rest) || !Utf8Formatter.TryFormat(value, rest, out var n) || n >= rest.Length) return Fail();
        return End(key, rest, n);
    }

    public bool Add(string key, bool value) => Add(key, value ? "Yes"u8 : "No"u8);

    /// <summary>A binary value in hexadecimal. RFC 7143 §6.1.</summary>
    public bool AddHex(string key, scoped ReadOnlySpan<byte> value)
    {
        if (!TryStart(key, out var rest) || (2 * value.Length) + 2 >= rest.Length) return Fail();
        (rest[0], rest[1]) = ((byte)'0', (byte)'x');
        Convert.TryToHexStringLower(value, rest[2..], out _);
        return End(key, rest, (2 * value.Length) + 2);
    }

    private readonly bool TryStart(string key, out Span<byte> rest)
    {
        rest = target[Length..];
        if (key.Length + 2 > rest.Length) return false;
        var n = Encoding.ASCII.GetBytes(key, rest);
        rest[n] = (byte)'=';
        rest = rest[(n + 1)..];
        return true;
    }

    private bool End(string key, Span<byte> rest, int valueLength)
    {
        rest[valueLength] = 0;
        Length += key.Length + 1 + valueLength + 1;
        return true;
    }

    private bool Fail()
    {
        Overflowed = true;
        return false;
    }
}
