using System.Text;

namespace Weft.Scenarios.Subnets;

/// <summary>Makes lines of pieces of text as they come in.</summary>
internal sealed class LineBuffer
{
    private const int MaxLine = 10_000;
    private readonly List<byte> bytes = [];

    /// <summary>Takes the next piece. A line that grows beyond 10,000 bytes is cut there.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        bytes.AddRange(piece);
        if (bytes.Count > MaxLine && !bytes.Contains((byte)'\n')) bytes.Add((byte)'\n');
    }

    public bool TryTake(out string line)
    {
        var end = bytes.IndexOf((byte)'\n');
        line = end < 0 ? "" : Encoding.UTF8.GetString([.. bytes[..end]]).TrimEnd('\r');
        if (end >= 0) bytes.RemoveRange(0, end + 1);
        return end >= 0;
    }
}
