namespace Weft.Protocol.Checksums;

/// <summary>
/// Variant CRC of native InfiniBand: 16 bits, polynomial 0x100B, in the bit order of the ICRC (reflected), preset to ones, complemented,
/// stored least significant byte first. Covers LRH to ICRC. IBA Vol 1 §7.8.2.
/// </summary>
public static class Vcrc
{
    public const int Length = 2;
    public const ushort Initial = 0xFFFF;
    private const ushort ReflectedPolynomial = 0xD008;

    private static readonly ushort[] Table = MakeTable();

    /// <summary>Advances a raw register over <paramref name="data"/>.</summary>
    public static ushort Update(ushort register, ReadOnlySpan<byte> data)
    {
        var table = Table;
        uint r = register;
        // Eight bytes a step: row k of the table answers for a byte with k more behind it.
        while (data.Length >= 8)
        {
            r = (uint)(table[7 * 256 + (byte)(data[0] ^ r)] ^ table[6 * 256 + (byte)(data[1] ^ r >> 8)] ^ table[5 * 256 + data[2]] ^ table[4 * 256 + data[3]]
                ^ table[3 * 256 + data[4]] ^ table[2 * 256 + data[5]] ^ table[256 + data[6]] ^ table[data[7]]);
            data = data[8..];
        }
        foreach (var b in data) r = r >> 8 ^ table[(byte)(r ^ b)];
        return (ushort)r;
    }

    public static ushort Compute(ReadOnlySpan<byte> lrhToIcrc) => (ushort)~Update(Initial, lrhToIcrc);

    private static ushort[] MakeTable()
    {
        var table = new ushort[8 * 256];
        for (var i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? value >> 1 ^ ReflectedPolynomial : value >> 1;
            table[i] = (ushort)value;
        }
        for (var i = 256; i < table.Length; i++) table[i] = (ushort)(table[i - 256] >> 8 ^ table[(byte)table[i - 256]]);
        return table;
    }
}
