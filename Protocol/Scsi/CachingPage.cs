namespace Weft.Protocol.Scsi;

/// <summary>Mode page 08h. SBC-3 §6.5.5.</summary>
/// <param name="WriteCache">WCE: writes may be answered before they are on the medium.</param>
/// <param name="NoReadCache">RCD.</param>
/// <param name="NoReadAhead">DRA.</param>
public readonly record struct CachingPage(bool WriteCache, bool NoReadCache = false, bool NoReadAhead = false)
{
    public const int Length = 20;
    public const byte WriteCacheBit = 0x04;

    /// <summary>Reads a page with its header; three bytes are enough for WCE.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out CachingPage page)
    {
        page = default;
        if (source.Length < 3 || (source[0] & 0x3F) != ModePage.Caching) return false;
        page = new((source[2] & WriteCacheBit) != 0, (source[2] & 0x01) != 0, source.Length > 12 && (source[12] & 0x20) != 0);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new ModePage(ModePage.Caching, 0, false, false, Length - 2).Write(target);
        target[2] = (byte)((WriteCache ? WriteCacheBit : 0) | (NoReadCache ? 0x01 : 0));
        target[12] = (byte)(NoReadAhead ? 0x20 : 0);
    }
}
