using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Header of one name in VPD page 83h. SPC-4 §7.8.6.</summary>
/// <param name="Protocol">4 SRP, 5 iSCSI; only meant when <paramref name="HasProtocol"/> (PIV).</param>
/// <param name="CodeSet">1 binary, 2 ASCII, 3 UTF-8.</param>
/// <param name="Association">0 logical unit, 1 target port, 2 target device.</param>
/// <param name="Type">One of the constants here.</param>
/// <param name="BodyLength">Bytes after the header.</param>
// 0 protocol:4 code set:4 | 1 PIV:1 resv:1 association:2 type:4 | 2 resv | 3 length
public readonly record struct Designator(byte Protocol, byte CodeSet, bool HasProtocol, byte Association, byte Type, byte BodyLength)
{
    public const int Length = 4;
    public const byte T10Vendor = 1, Eui64 = 2, Naa = 3, RelativeTargetPort = 4, TargetPortGroup = 5, LogicalUnitGroup = 6, ScsiName = 8;
    public const byte Binary = 1, Ascii = 2, Utf8 = 3;
    public const byte OfUnit = 0, OfPort = 1, OfDevice = 2;
    public const byte Srp = 4, Iscsi = 5;

    /// <summary>Reads a header whose whole body is in the source.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Designator designator)
    {
        designator = default;
        if (source.Length < Length || source.Length < Length + source[3]) return false;
        designator = new((byte)(source[0] >> 4), (byte)(source[0] & 0x0F), (source[1] & 0x80) != 0, (byte)(source[1] >> 4 & 3),
            (byte)(source[1] & 0x0F), source[3]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[0] = (byte)(Protocol << 4 | CodeSet);
        target[1] = (byte)((HasProtocol ? 0x80 : 0) | Association << 4 | Type);
        (target[2], target[3]) = (0, BodyLength);
    }

    /// <summary>NAA IEEE registered extended (first nibble 6) or any other 16-byte NAA name. SPC-4 §7.8.6.6.</summary>
    public static int WriteNaa16(Span<byte> target, ulong high, ulong low)
    {
        new Designator(0, Binary, false, OfUnit, Naa, 16).Write(target);
        WriteUInt64BigEndian(target[4..], high);
        WriteUInt64BigEndian(target[12..], low);
        return Length + 16;
    }

    /// <summary>An NAA name of eight bytes; first nibble 3: locally assigned. SPC-4 §7.8.6.6.4.</summary>
    public static int WriteNaa8(Span<byte> target, ulong name)
    {
        new Designator(0, Binary, false, OfUnit, Naa, 8).Write(target);
        WriteUInt64BigEndian(target[4..], name);
        return Length + 8;
    }

    /// <summary>T10 vendor identification: eight characters of vendor, then what the vendor likes. SPC-4 §7.8.6.4.</summary>
    public static int WriteT10Vendor(Span<byte> target, string vendor, string identifier)
    {
        new Designator(0, Ascii, false, OfUnit, T10Vendor, (byte)(8 + identifier.Length)).Write(target);
        ScsiText.Write(target.Slice(4, 8), vendor);
        ScsiText.Write(target.Slice(12, identifier.Length), identifier);
        return Length + 8 + identifier.Length;
    }

    /// <summary>Relative target port or target port group: 16 bits at the end of four bytes. SPC-4 §7.8.6.7 and §7.8.6.8.</summary>
    public static int WritePortNumber(Span<byte> target, byte protocol, byte type, ushort number)
    {
        new Designator(protocol, Binary, true, OfPort, type, 4).Write(target);
        WriteUInt32BigEndian(target[4..], number);
        return Length + 4;
    }

    /// <summary>SCSI name string, NUL terminated and padded to four bytes. SPC-4 §7.8.6.11.</summary>
    public static int WriteName(Span<byte> target, byte protocol, byte association, string name)
    {
        var body = (Encoding.UTF8.GetByteCount(name) + 1 + 3) & ~3;
        new Designator(protocol, Utf8, true, association, ScsiName, (byte)body).Write(target);
        target.Slice(Length, body).Clear();
        Encoding.UTF8.GetBytes(name, target[Length..]);
        return Length + body;
    }

    /// <summary>Takes the next designator off the body of page 83h.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out Designator designator, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (!TryRead(rest, out designator)) return false;
        body = rest.Slice(Length, designator.BodyLength);
        rest = rest[(Length + designator.BodyLength)..];
        return true;
    }
}
