using Weft.Protocol.Checksums;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Bench;

/// <summary>What this machine can do at most: copies and checksums of packet-sized pieces, measured in the same run as everything else.</summary>
/// <param name="CopyBytes">Bytes copied per second of processor time, 4 KiB at a time within 1 MiB.</param>
/// <param name="CrcBytes">Bytes checksummed per second of processor time, likewise.</param>
internal sealed record MachineLimits(double CopyBytes, double CrcBytes)
{
    private const int Piece = 4096;
    private const int Pieces = 128;

    public static MachineLimits Measure(double seconds)
    {
        var (from, to) = (new byte[Pieces * Piece], new byte[Pieces * Piece]);
        var register = 0u;
        var copies = Run(seconds, i => from.AsSpan(i * Piece, Piece).CopyTo(to.AsSpan(i * Piece)));
        var sums = Run(seconds, i => register = Crc32.Update(register, from.AsSpan(i * Piece, Piece)));
        GC.KeepAlive(register);
        return new(copies * Piece, sums * Piece);
    }

    /// <summary>Operations per second that move their bytes so many times and checksum them twice, at the sender and at the receiver.</summary>
    public double Operations(int copiedBytes, int checkedBytes) => 1 / (copiedBytes / CopyBytes + 2 * checkedBytes / CrcBytes);

    private static double Run(double seconds, Action<int> piece)
    {
        var stretch = Stretch.Timed(seconds);
        do
        {
            for (var i = 0; i < Pieces; i++) piece(i);
        }
        while (stretch.Done(Pieces));
        return stretch.PerProcessorSecond;
    }
}
