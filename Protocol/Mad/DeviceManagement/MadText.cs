using System.Text;

namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>Texts of a fixed length, padded with zeros; what is no printable ASCII is read as '?'.</summary>
internal static class MadText
{
    public static string Read(ReadOnlySpan<byte> source)
    {
        var end = source.IndexOf((byte)0);
        if (end >= 0) source = source[..end];
        var text = new StringBuilder(source.Length);
        foreach (var b in source) text.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        return text.ToString();
    }

    /// <summary>Cuts what is too long.</summary>
    public static void Write(Span<byte> target, string text)
    {
        target.Clear();
        for (var i = 0; i < Math.Min(text.Length, target.Length); i++) target[i] = (byte)text[i];
    }
}
