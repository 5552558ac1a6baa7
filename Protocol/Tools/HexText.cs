using System.Globalization;

namespace Weft.Protocol.Tools;

/// <summary>Fields of fixed width in hexadecimal ASCII, as the verbs tools write them with printf.</summary>
internal static class HexText
{
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value) =>
        ulong.TryParse(source, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    public static void Write(Span<byte> target, ulong value)
    {
        for (var i = target.Length - 1; i >= 0; i--, value >>= 4) target[i] = "0123456789abcdef"u8[(int)(value & 15)];
    }

    /// <summary>Reads a GID written as 16 bytes of two digits, which begin <paramref name="stride"/> characters apart.</summary>
    public static bool TryReadGid(ReadOnlySpan<byte> source, int stride, out Gid gid)
    {
        Span<byte> bytes = stackalloc byte[Gid.Length];
        gid = default;
        for (var i = 0; i < Gid.Length; i++)
        {
            if (!TryRead(source.Slice(i * stride, 2), out var value)) return false;
            bytes[i] = (byte)value;
        }
        gid = Gid.Read(bytes);
        return true;
    }

    public static void WriteGid(Span<byte> target, int stride, Gid gid)
    {
        Span<byte> bytes = stackalloc byte[Gid.Length];
        gid.Write(bytes);
        for (var i = 0; i < Gid.Length; i++) Write(target.Slice(i * stride, 2), bytes[i]);
    }
}
