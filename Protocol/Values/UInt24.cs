namespace Weft.Protocol.Values;

/// <summary>Three-byte big-endian integers: QPN, PSN, MSN and many CM fields.</summary>
public static class UInt24
{
    public const int Length = 3;

    public static uint Read(ReadOnlySpan<byte> source) => (uint)(source[0] << 16 | source[1] << 8 | source[2]);

    /// <summary>Writes the low 24 bits.</summary>
    public static void Write(Span<byte> target, uint value)
    {
        target[2] = (byte)value;
        target[1] = (byte)(value >> 8);
        target[0] = (byte)(value >> 16);
    }
}
