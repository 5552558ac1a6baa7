using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools;

/// <summary>How the verbs tools print things.</summary>
internal static class ToolText
{
    /// <summary>What a peer said, for a message: its printable characters, dots for the rest.</summary>
    public static string Show(ReadOnlySpan<byte> source)
    {
        Span<char> text = stackalloc char[Math.Min(source.Length, 128)];
        for (var i = 0; i < text.Length; i++) text[i] = source[i] is >= 0x20 and < 0x7F ? (char)source[i] : '.';
        return new string(text).TrimEnd('.');
    }

    /// <summary>A GID as an IPv6 address, mapped IPv4 ones too (inet_ntop does it so).</summary>
    public static string Ipv6(Gid gid) => gid.IsIPv4 ? $"::ffff:{gid}" : gid.IsNone ? "::" : gid.ToString();

    /// <summary>A path MTU given in bytes.</summary>
    /// <exception cref="FormatException">There is no such path MTU, or the link does not carry it.</exception>
    public static PathMtu ParseMtu(int bytes, in PortAttributes port)
    {
        for (var mtu = PathMtu.Mtu256; mtu <= PathMtu.Mtu4096; mtu++)
        {
            if (mtu.Bytes() != bytes) continue;
            return mtu <= port.ActiveMtu ? mtu : throw new FormatException($"a path MTU of {bytes} does not fit the link, whose MTU allows {port.ActiveMtu.Bytes()}");
        }
        throw new FormatException($"{bytes} is not a path MTU; give 256, 512, 1024, 2048 or 4096");
    }
}
