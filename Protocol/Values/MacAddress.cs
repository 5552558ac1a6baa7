using System.Buffers.Binary;
using System.Globalization;

namespace Weft.Protocol.Values;

/// <summary>An Ethernet address, held in the low 48 bits.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Length = 6;
    public static readonly MacAddress Broadcast = new(0xFFFF_FFFF_FFFF);
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    public static MacAddress Read(ReadOnlySpan<byte> source) =>
        new((ulong)BinaryPrimitives.ReadUInt16BigEndian(source) << 32 | BinaryPrimitives.ReadUInt32BigEndian(source[2..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)Value);
    }

    /// <summary>EUI-64 with ff:fe in the middle and the universal bit flipped. RFC 4291 appendix A.</summary>
    public Guid64 ToEui64() => new(((Value >> 24 << 40) | 0xFF_FE00_0000 | (Value & 0xFF_FFFF)) ^ 0x0200_0000_0000_0000);

    public static bool TryParse(string text, out MacAddress mac)
    {
        mac = default;
        var parts = text.Split(':');
        if (parts.Length != 6) return false;
        ulong value = 0;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b)) return false;
            value = value << 8 | b;
        }
        mac = new(value);
        return true;
    }

    public override string ToString() =>
        $"{Value >> 40 & 0xFF:x2}:{Value >> 32 & 0xFF:x2}:{Value >> 24 & 0xFF:x2}:{Value >> 16 & 0xFF:x2}:{Value >> 8 & 0xFF:x2}:{Value & 0xFF:x2}";
}
