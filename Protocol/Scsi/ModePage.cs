using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Header of one mode page, in the page_0 or the subpage format. SPC-4 §7.5.7.</summary>
/// <param name="IsSavable">PS; reserved (0) in MODE SELECT.</param>
/// <param name="HasSubpage">SPF: four bytes of header instead of two.</param>
/// <param name="BodyLength">Bytes after the header.</param>
// 0 PS SPF page:6 | 1 length             or             0 PS SPF=1 page:6 | 1 subpage | 2 length:16
public readonly record struct ModePage(byte Code, byte Subpage, bool HasSubpage, bool IsSavable, ushort BodyLength)
{
    public const byte ErrorRecovery = 0x01, DisconnectReconnect = 0x02, Caching = 0x08, Control = 0x0A, PowerCondition = 0x1A;
    public const byte InformationalExceptions = 0x1C, All = 0x3F;
    public const byte AllSubpages = 0xFF;

    public int HeaderLength => HasSubpage ? 4 : 2;
    public int TotalLength => HeaderLength + BodyLength;

    public static bool TryRead(ReadOnlySpan<byte> source, out ModePage page)
    {
        page = default;
        if (source.Length < 2) return false;
        var (code, savable) = ((byte)(source[0] & 0x3F), (source[0] & 0x80) != 0);
        if ((source[0] & 0x40) == 0)
        {
            page = new(code, 0, false, savable, source[1]);
            return true;
        }
        if (source.Length < 4) return false;
        page = new(code, source[1], true, savable, ReadUInt16BigEndian(source[2..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[0] = (byte)((IsSavable ? 0x80 : 0) | (HasSubpage ? 0x40 : 0) | Code & 0x3F);
        if (HasSubpage)
        {
            target[1] = Subpage;
            WriteUInt16BigEndian(target[2..], BodyLength);
        }
        else target[1] = (byte)BodyLength;
    }

    /// <summary>Takes the next whole page off a list; false at its end, or when the page is cut.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ModePage page, out ReadOnlySpan<byte> whole)
    {
        whole = default;
        if (!TryRead(rest, out page) || rest.Length < page.TotalLength) return false;
        whole = rest[..page.TotalLength];
        rest = rest[page.TotalLength..];
        return true;
    }

    /// <summary>
    /// Finds a page in the answer of MODE SENSE: skips header and block descriptors. The page may be cut by the allocation length; its
    /// bytes up to there are given, header included.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> data, bool ten, byte code, byte subpage, out ReadOnlySpan<byte> whole)
    {
        whole = default;
        if (!ModeHeader.TryRead(data, ten, out var header)) return false;
        var end = Math.Min(data.Length, header.DataLength + (ten ? 2 : 1));
        var at = ModeHeader.Length(ten) + header.DescriptorLength;
        while (at < end)
        {
            var rest = data[at..end];
            if (!TryRead(rest, out var page)) return false;
            if (page.Code == code && page.Subpage == subpage)
            {
                whole = rest[..Math.Min(rest.Length, page.TotalLength)];
                return true;
            }
            at += page.TotalLength;
        }
        return false;
    }
}
