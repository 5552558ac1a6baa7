using System.Buffers.Binary;
using System.Numerics;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>SHA3-256 (FIPS 202). Here because the platform's own is missing on some systems, and a run must not depend on that.</summary>
internal static class Sha3
{
    public const int DigestLength = 32;
    private const int Rate = 136; // 1600 bits of state less twice the digest
    private const int Rounds = 24;

    public static void Hash256(ReadOnlySpan<byte> source, Span<byte> digest)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (; source.Length >= Rate; source = source[Rate..])
        {
            Absorb(state, source[..Rate]);
            Permute(state);
        }
        Span<byte> last = stackalloc byte[Rate];
        last.Clear();
        source.CopyTo(last);
        last[source.Length] = 0x06; // domain bits 01, then the first 1 of the padding
        last[Rate - 1] |= 0x80;
        Absorb(state, last);
        Permute(state);
        for (var i = 0; i < DigestLength / 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(digest[(8 * i)..], state[i]);
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < Rate / 8; i++) state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * i)..]);
    }

    private static void Permute(Span<ulong> a)
    {
        Span<ulong> column = stackalloc ulong[5];
        Span<ulong> moved = stackalloc ulong[25];
        byte lfsr = 1;
        for (var round = 0; round < Rounds; round++)
        {
            for (var x = 0; x < 5; x++) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            for (var x = 0; x < 5; x++)
            {
                var mix = column[(x + 4) % 5] ^ BitOperations.RotateLeft(column[(x + 1) % 5], 1);
                for (var y = 0; y < 25; y += 5) a[x + y] ^= mix;
            }
            moved[0] = a[0];
            for (int t = 0, x = 1, y = 0; t < 24; t++) // rho and pi walk the lanes from (1,0)
            {
                var (nextX, nextY) = (y, ((2 * x) + (3 * y)) % 5);
                moved[nextX + (5 * nextY)] = BitOperations.RotateLeft(a[x + (5 * y)], (t + 1) * (t + 2) / 2 % 64);
                (x, y) = (nextX, nextY);
            }
            for (var y = 0; y < 25; y += 5)
                for (var x = 0; x < 5; x++)
                    a[x + y] = moved[x + y] ^ (~moved[((x + 1) % 5) + y] & moved[((x + 2) % 5) + y]);
            for (var j = 0; j <= 6; j++) // the round constant comes out of an 8-bit LFSR, bit 2^j - 1 at a time
            {
                if ((lfsr & 1) != 0) a[0] ^= 1UL << ((1 << j) - 1);
                lfsr = (byte)((lfsr << 1) ^ ((lfsr & 0x80) != 0 ? 0x71 : 0));
            }
        }
    }
}
