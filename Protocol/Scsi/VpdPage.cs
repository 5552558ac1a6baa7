using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Header of every vital product data page, and the codes of the pages. SPC-4 §7.8.</summary>
/// <param name="Type">Qualifier and device type, as in standard data.</param>
/// <param name="PageLength">Bytes after the header.</param>
// 0 qualifier:3 type:5 | 1 page | 2 length:16
public readonly record struct VpdPage(byte Type, byte Code, ushort PageLength)
{
    public const int Length = 4;
    public const byte SupportedPages = 0x00, UnitSerialNumber = 0x80, DeviceIdentification = 0x83, ExtendedInquiry = 0x86;
    public const byte BlockLimits = 0xB0, BlockCharacteristics = 0xB1, Provisioning = 0xB2;

    public static bool TryRead(ReadOnlySpan<byte> source, out VpdPage page)
    {
        page = default;
        if (source.Length < Length) return false;
        page = new(source[0], source[1], ReadUInt16BigEndian(source[2..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        (target[0], target[1]) = (Type, Code);
        WriteUInt16BigEndian(target[2..], PageLength);
    }

    /// <summary>The body of a page with this code, cut to what arrived; false for another page.</summary>
    public static bool TryBody(ReadOnlySpan<byte> source, byte code, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (!TryRead(source, out var page) || page.Code != code) return false;
        body = source[Length..Math.Min(source.Length, Length + page.PageLength)];
        return true;
    }

    /// <summary>Page 00h: the list of codes, ascending, itself included. SPC-4 §7.8.15.</summary>
    public static int WriteSupported(Span<byte> target, ReadOnlySpan<byte> codes)
    {
        new VpdPage(0, SupportedPages, (ushort)codes.Length).Write(target);
        codes.CopyTo(target[Length..]);
        return Length + codes.Length;
    }

    /// <summary>Page 80h. SPC-4 §7.8.18.</summary>
    public static int WriteSerial(Span<byte> target, string serial)
    {
        new VpdPage(0, UnitSerialNumber, (ushort)serial.Length).Write(target);
        ScsiText.Write(target.Slice(Length, serial.Length), serial);
        return Length + serial.Length;
    }

    /// <summary>The serial number of page 80h.</summary>
    public static bool TryReadSerial(ReadOnlySpan<byte> source, out string serial)
    {
        serial = "";
        if (!TryBody(source, UnitSerialNumber, out var body)) return false;
        serial = ScsiText.Read(body);
        return true;
    }
}
