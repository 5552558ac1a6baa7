using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Weft.Protocol.Checksums;

/// <summary>
/// CRC over a reflected 32-bit polynomial by carry-less multiplication: four 128-bit lanes are folded 64 bytes at a time, or, where the
/// processor multiplies 256 or 512 bits at once, eight lanes 128 or sixteen lanes 256 bytes at a time; then into one, which Barrett reduction
/// turns into the register.
/// Method: V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009. The constants are computed
/// from the polynomial, not listed.
/// </summary>
internal sealed class Crc32Folding
{
    /// <summary>Fewer bytes than this are the tables' business.</summary>
    public const int MinimumLength = 16;

    /// <summary>From here on 512, and 256 bits at once are worth it.</summary>
    private const int WideLength = 512, MiddleLength = 256;

    private readonly Vector128<ulong> by64, by16, reduce64, barrett;
    private readonly Vector256<ulong> middleBy128, middleBy32;
    private readonly Vector512<ulong> wideBy256, wideBy64;
    private readonly int widest;

    /// <param name="widest">Bits at once, at most, of what the processor can: fewer for tests that compare.</param>
    public Crc32Folding(uint reflectedPolynomial, int widest = 512)
    {
        var polynomial = Reflect(reflectedPolynomial);
        this.widest = widest;
        middleBy128 = Vector256.Create(Distance(8, polynomial));
        middleBy32 = Vector256.Create(Distance(2, polynomial));
        wideBy256 = Vector512.Create(Distance(16, polynomial));
        wideBy64 = Vector512.Create(Distance(4, polynomial));
        by64 = Distance(4, polynomial);
        by16 = Distance(1, polynomial);
        reduce64 = Vector128.Create(PowerOfX(64, polynomial), 0);
        barrett = Vector128.Create((ulong)reflectedPolynomial << 1 | 1, ReflectedQuotient(polynomial));
    }

    public static bool IsSupported => Pclmulqdq.IsSupported && Sse41.IsSupported && Ssse3.IsSupported;

    /// <summary>Advances a raw register.</summary>
    /// <param name="data">At least <see cref="MinimumLength"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public uint Update(uint register, ReadOnlySpan<byte> data)
    {
        ref var source = ref MemoryMarshal.GetReference(data);
        var first = Begin(ref source, register, data.Length, out var at);
        var length = (nuint)data.Length;
        Vector128<ulong> x;
        if (Pclmulqdq.V512.IsSupported && widest >= 512 && length - at >= WideLength) x = FoldWide(ref source, length, first, ref at);
        else if (Pclmulqdq.V256.IsSupported && widest >= 256 && length - at >= MiddleLength) x = FoldMiddle(ref source, length, first, ref at);
        else if (length - at >= 112)
        {
            var x0 = first;
            var x1 = Load(ref source, at);
            var x2 = Load(ref source, at + 16);
            var x3 = Load(ref source, at + 32);
            at += 48;
            for (; at + 64 <= length; at += 64)
            {
                x0 = Fold(x0, by64, Load(ref source, at));
                x1 = Fold(x1, by64, Load(ref source, at + 16));
                x2 = Fold(x2, by64, Load(ref source, at + 32));
                x3 = Fold(x3, by64, Load(ref source, at + 48));
            }
            x = Fold(Fold(Fold(x0, by16, x1), by16, x2), by16, x3);
        }
        else x = first;
        for (; at < length; at += 16) x = Fold(x, by16, Load(ref source, at));
        return Reduce(x);
    }

    /// <summary>
    /// The first lane, with the register added to the first four bytes. What is over whole blocks of 16 bytes is taken at the front, where
    /// zeros before it change nothing: so no byte is left for the tables at the end.
    /// </summary>
    /// <param name="at">Bytes that the lane covers; whole blocks follow.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector128<ulong> Begin(ref byte source, uint register, int length, out nuint at)
    {
        var seed = Vector128.CreateScalar(register).AsByte();
        var block = Vector128.LoadUnsafe(ref source);
        var over = length & 15;
        at = 16;
        if (over == 0) return (block ^ seed).AsUInt64();
        var ascending = Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        // Bytes that come from before the first or from behind the last are zero: an index with its top bit set reads as zero.
        var moved = Ssse3.Shuffle(block ^ seed, ascending - Vector128.Create((byte)(16 - over)));
        var rest = Ssse3.Shuffle(seed, ascending + Vector128.Create((byte)over) | Vector128.GreaterThan(ascending, Vector128.Create((byte)(15 - over))));
        at += (nuint)over;
        return Fold(moved.AsUInt64(), by16, (Vector128.LoadUnsafe(ref source, (nuint)over) ^ rest).AsUInt64());
    }

    /// <summary>All that is whole 256-byte blocks, folded into one lane.</summary>
    /// <param name="first">The lane before <paramref name="at"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector128<ulong> FoldWide(ref byte source, nuint length, Vector128<ulong> first, ref nuint at)
    {
        var x0 = LoadWide(ref source, at - 16).WithLower(Vector256.Create(first, Load(ref source, at)));
        var x1 = LoadWide(ref source, at + 48);
        var x2 = LoadWide(ref source, at + 112);
        var x3 = LoadWide(ref source, at + 176);
        for (at += 240; at + 256 <= length; at += 256)
        {
            x0 = FoldWide(x0, wideBy256, LoadWide(ref source, at));
            x1 = FoldWide(x1, wideBy256, LoadWide(ref source, at + 64));
            x2 = FoldWide(x2, wideBy256, LoadWide(ref source, at + 128));
            x3 = FoldWide(x3, wideBy256, LoadWide(ref source, at + 192));
        }
        var x = FoldWide(FoldWide(FoldWide(x0, wideBy64, x1), wideBy64, x2), wideBy64, x3);
        var (lower, upper) = (x.GetLower(), x.GetUpper());
        return Fold(Fold(Fold(lower.GetLower(), by16, lower.GetUpper()), by16, upper.GetLower()), by16, upper.GetUpper());
    }

    /// <summary>All that is whole 128-byte blocks, folded into one lane.</summary>
    /// <param name="first">The lane before <paramref name="at"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector128<ulong> FoldMiddle(ref byte source, nuint length, Vector128<ulong> first, ref nuint at)
    {
        var x0 = Vector256.Create(first, Load(ref source, at));
        var x1 = LoadMiddle(ref source, at + 16);
        var x2 = LoadMiddle(ref source, at + 48);
        var x3 = LoadMiddle(ref source, at + 80);
        for (at += 112; at + 128 <= length; at += 128)
        {
            x0 = FoldMiddle(x0, middleBy128, LoadMiddle(ref source, at));
            x1 = FoldMiddle(x1, middleBy128, LoadMiddle(ref source, at + 32));
            x2 = FoldMiddle(x2, middleBy128, LoadMiddle(ref source, at + 64));
            x3 = FoldMiddle(x3, middleBy128, LoadMiddle(ref source, at + 96));
        }
        var x = FoldMiddle(FoldMiddle(FoldMiddle(x0, middleBy32, x1), middleBy32, x2), middleBy32, x3);
        return Fold(x.GetLower(), by16, x.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> FoldMiddle(Vector256<ulong> x, Vector256<ulong> k, Vector256<ulong> next) =>
        Pclmulqdq.V256.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(x, k, 0x11) ^ next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> LoadMiddle(ref byte source, nuint offset) => Vector256.LoadUnsafe(ref source, offset).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> FoldWide(Vector512<ulong> x, Vector512<ulong> k, Vector512<ulong> next) =>
        Pclmulqdq.V512.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(x, k, 0x11) ^ next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> LoadWide(ref byte source, nuint offset) => Vector512.LoadUnsafe(ref source, offset).AsUInt64();

    /// <summary>What carries a lane forward over so many lanes of 16 bytes.</summary>
    private static Vector128<ulong> Distance(int lanes, uint polynomial) =>
        Vector128.Create(PowerOfX(lanes * 128 + 32, polynomial), PowerOfX(lanes * 128 - 32, polynomial));

    /// <summary>Carries <paramref name="x"/> forward over the distance of <paramref name="k"/> and adds what stands there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> x, Vector128<ulong> k, Vector128<ulong> next) =>
        Pclmulqdq.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.CarrylessMultiply(x, k, 0x11) ^ next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte source, nuint offset) => Vector128.LoadUnsafe(ref source, offset).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private uint Reduce(Vector128<ulong> x)
    {
        var low32 = Vector128.CreateScalar(0xFFFF_FFFFUL);
        // 128 bits to 96, to 64 ...
        x = Pclmulqdq.CarrylessMultiply(x, by16, 0x10) ^ Sse2.ShiftRightLogical128BitLane(x, 8);
        x = Pclmulqdq.CarrylessMultiply(x & low32, reduce64, 0x00) ^ Sse2.ShiftRightLogical128BitLane(x, 4);
        // ... and to 32: estimate the quotient, multiply back, subtract.
        var quotient = Pclmulqdq.CarrylessMultiply(x & low32, barrett, 0x10) & low32;
        x ^= Pclmulqdq.CarrylessMultiply(quotient, barrett, 0x00);
        return x.AsUInt32().GetElement(1);
    }

    /// <summary>x^n mod P, bit-reflected and aligned for a product of reflected operands (one bit up).</summary>
    internal static ulong PowerOfX(int n, uint polynomial)
    {
        uint value = 1;
        for (var i = 0; i < n; i++) value = (value & 0x8000_0000) != 0 ? value << 1 ^ polynomial : value << 1;
        return (ulong)Reflect(value) << 1;
    }

    /// <summary>floor(x^64 / P), 33 bits, reflected.</summary>
    internal static ulong ReflectedQuotient(uint polynomial)
    {
        ulong quotient = 0;
        var remainder = 1UL << 32; // x^64 is brought down bit by bit; the first 32 steps only shift
        var divisor = 1UL << 32 | polynomial;
        for (var i = 0; i < 33; i++)
        {
            quotient <<= 1;
            if ((remainder & 1UL << 32) != 0)
            {
                quotient |= 1;
                remainder ^= divisor;
            }
            remainder <<= 1;
        }
        ulong reflected = 0;
        for (var i = 0; i < 33; i++) reflected |= (quotient >> i & 1) << (32 - i);
        return reflected;
    }

    internal static uint Reflect(uint value)
    {
        uint result = 0;
        for (var i = 0; i < 32; i++) result |= (value >> i & 1) << (31 - i);
        return result;
    }
}
