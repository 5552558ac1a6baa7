using System.Text;

namespace Weft.Protocol.Scsi;

/// <summary>ASCII fields: left aligned, padded with spaces, printable characters only. SPC-4 §4.3.1.</summary>
internal static class ScsiText
{
    public static void Write(Span<byte> target, string text)
    {
        for (var i = 0; i < target.Length; i++) target[i] = i < text.Length && text[i] is >= ' ' and <= '~' ? (byte)text[i] : (byte)' ';
    }

    /// <summary>The text without trailing spaces and NULs; other bytes outside ASCII become '?'.</summary>
    public static string Read(ReadOnlySpan<byte> source) => Encoding.ASCII.GetString(source.TrimEnd(" \0"u8));
}
