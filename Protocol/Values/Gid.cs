using System.Buffers.Binary;
using System.Net;

namespace Weft.Protocol.Values;

/// <summary>
/// A 128-bit global identifier. On RoCEv2 it is an IP address: IPv6 as it stands, IPv4 as ::ffff:a.b.c.d. IBA Vol 1 §4.1.1, annex A17.
/// </summary>
public readonly record struct Gid(ulong High, ulong Low) : IComparable<Gid>
{
    public const int Length = 16;
    public static readonly Gid None;

    public bool IsNone => (High | Low) == 0;
    public bool IsIPv4 => High == 0 && Low >> 32 == 0xFFFF;
    public uint IPv4 => (uint)Low;
    public bool IsMulticast => IsIPv4 ? IPv4 >> 28 == 0xE : High >> 56 == 0xFF;
    public bool IsLinkLocal => High == 0xFE80_0000_0000_0000;

    public static Gid FromIPv4(uint address) => new(0, 0xFFFF_0000_0000UL | address);
    public static Gid LinkLocal(Guid64 portGuid) => new(0xFE80_0000_0000_0000, portGuid.Value);

    public static Gid From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4 ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes)) : Read(bytes);
    }

    /// <summary>Reads an IPv4 or IPv6 address in its usual text form.</summary>
    public static bool TryParse(string text, out Gid gid)
    {
        var ok = IPAddress.TryParse(text, out var address);
        gid = ok ? From(address!) : default;
        return ok;
    }

    public static Gid Parse(string text) => TryParse(text, out var gid) ? gid : throw new FormatException($"'{text}' is not an IPv4 or IPv6 address");

    public static Gid Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, High);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Low);
    }

    public int CompareTo(Gid other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>Dotted decimal for an IPv4 GID, otherwise the canonical IPv6 text.</summary>
    public override string ToString()
    {
        if (IsIPv4) return $"{IPv4 >> 24}.{IPv4 >> 16 & 0xFF}.{IPv4 >> 8 & 0xFF}.{IPv4 & 0xFF}";
        Span<byte> bytes = stackalloc byte[16];
        Write(bytes);
        return new IPAddress(bytes).ToString();
    }
}
