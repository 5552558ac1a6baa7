namespace Weft.Protocol.Transport;

/// <summary>
/// How long a requester waits after a receiver-not-ready NAK. The five-bit code stands in the AETH syndrome. IBA Vol 1 §9.7.5.2.8, table 46.
/// </summary>
public static class RnrTimer
{
    // In units of 10 us. Code 0 is the longest, not the shortest.
    private static readonly ushort[] TensOfMicroseconds =
    [
        65535, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192,
        256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152,
    ];

    /// <summary>The wait that a code 0..31 asks for; higher bits are ignored. Code 0 is 655.36 ms, which does not fit the table.</summary>
    public static Duration Of(int code) =>
        (code & 31) == 0 ? Duration.FromNanoseconds(655_360_000) : Duration.FromNanoseconds(TensOfMicroseconds[code & 31] * 10_000L);

    /// <summary>The shortest code that waits at least as long; 0 (655.36 ms) when none of the others does.</summary>
    public static byte CodeFor(Duration wait)
    {
        for (byte code = 1; code < 32; code++)
            if (Of(code) >= wait) return code;
        return 0;
    }
}
