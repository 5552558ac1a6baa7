using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Protocol.Checksums;

/// <summary>
/// Portable CRC over a reflected 32-bit polynomial: sixteen tables of 256, sixteen bytes a step.
/// </summary>
internal sealed class Crc32Tables
{
    private readonly uint[] table = new uint[16 * 256];

    /// <param name="reflectedPolynomial">Bit 31 is the coefficient of x^0.</param>
    public Crc32Tables(uint reflectedPolynomial)
    {
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? value >> 1 ^ reflectedPolynomial : value >> 1;
            table[i] = value;
        }
        // Table k answers for a byte with k more bytes of zeros behind it.
        for (var i = 256; i < table.Length; i++) table[i] = table[i - 256] >> 8 ^ table[table[i - 256] & 0xFF];
    }

    /// <summary>Advances a raw register (not complemented) over <paramref name="data"/>.</summary>
    public uint Update(uint register, ReadOnlySpan<byte> data)
    {
        ref var t = ref MemoryMarshal.GetArrayDataReference(table);
        while (data.Length >= 16)
        {
            var a = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ register;
            register = Eight(ref t, a, 8) ^ Eight(ref t, BinaryPrimitives.ReadUInt64LittleEndian(data[8..]), 0);
            data = data[16..];
        }
        if (data.Length >= 8)
        {
            register = Eight(ref t, BinaryPrimitives.ReadUInt64LittleEndian(data) ^ register, 0);
            data = data[8..];
        }
        foreach (var b in data) register = register >> 8 ^ Unsafe.Add(ref t, (register ^ b) & 0xFF);
        return register;
    }

    /// <summary>The share of eight bytes with <paramref name="after"/> more bytes behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Eight(ref uint t, ulong v, int after) =>
        At(ref t, v, 0, after + 7) ^ At(ref t, v, 8, after + 6) ^ At(ref t, v, 16, after + 5) ^ At(ref t, v, 24, after + 4)
        ^ At(ref t, v, 32, after + 3) ^ At(ref t, v, 40, after + 2) ^ At(ref t, v, 48, after + 1) ^ At(ref t, v, 56, after);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint At(ref uint t, ulong v, int shift, int row) => Unsafe.Add(ref t, row * 256 + (int)(v >> shift & 0xFF));
}
