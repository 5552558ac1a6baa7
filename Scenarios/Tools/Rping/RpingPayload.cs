using System.Text;

namespace Weft.Scenarios.Tools.Rping;

/// <summary>The text of a ping: "rdma-ping-n: ", then characters 65..122 in turn, and a final NUL.</summary>
internal static class RpingPayload
{
    private const int First = 65, Count = 58;

    public static void Fill(Span<byte> target, int ping)
    {
        var prefix = Encoding.ASCII.GetBytes($"rdma-ping-{ping}: ");
        var written = Math.Min(prefix.Length, target.Length - 1);
        prefix.AsSpan(0, written).CopyTo(target);
        for (int i = written, c = First + ping % Count; i < target.Length - 1; i++)
        {
            target[i] = (byte)c;
            if (++c == First + Count) c = First;
        }
        target[^1] = 0;
    }

    /// <summary>Bytes of the text with its NUL, which is what rping's server writes back: its own buffer may be larger than the client's.</summary>
    public static uint Length(ReadOnlySpan<byte> payload)
    {
        var end = payload.IndexOf((byte)0);
        return (uint)(end < 0 ? payload.Length : end + 1);
    }

    public static string Text(ReadOnlySpan<byte> payload)
    {
        var end = payload.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? payload : payload[..end]);
    }
}
