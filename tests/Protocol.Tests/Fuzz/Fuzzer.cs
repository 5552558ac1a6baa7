using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Weft.Protocol.Tests.Fuzz;

/// <summary>
/// A deterministic mutation fuzzer: takes real bytes, damages them (bit flips, interesting values, length-field edits, cuts, growth,
/// splices of two inputs) and hands them to a parser, which must neither throw nor loop, nor take more memory than any input is worth. A failure
/// shows the input. With WEFT_FUZZ_REPORT each campaign adds a line to that file: inputs tried, the slowest of them, the most memory for one.
/// </summary>
public static class Fuzzer
{
    /// <summary>Takes one input. The span is exactly as long as the input: reading past it throws.</summary>
    public delegate void Target(ReadOnlySpan<byte> input);

    /// <summary>What one input may allocate: inputs have 16 KiB, and what is read of them is views, small records and texts.</summary>
    private const long MostMemory = 4 << 20;

    private static readonly int? Asked =
        int.TryParse(Environment.GetEnvironmentVariable("WEFT_FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    /// <summary>Iterations per parser: WEFT_FUZZ_ITERATIONS, or 50,000.</summary>
    public static int Iterations => Fraction(1);

    /// <summary>For a slow parser a fraction of the usual number; what WEFT_FUZZ_ITERATIONS asks for stays whole.</summary>
    public static int Fraction(int part) => Asked ?? 50_000 / part;

    private static readonly ulong[] Interesting = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, ulong.MaxValue];

    public static void Run(IReadOnlyList<byte[]> corpus, Target target, [CallerFilePath] string family = "") => Run(corpus, Iterations, target, family: family);

    /// <param name="corpus">Valid inputs; each is tried unchanged first.</param>
    /// <param name="iterations">Mutated inputs to try.</param>
    /// <param name="target">The parser, with whatever reads of the parsed value should be safe.</param>
    /// <param name="maxLength">Inputs never get longer than this.</param>
    /// <param name="seed">Another seed, another campaign.</param>
    /// <param name="family">Names the parsers in the report.</param>
    public static void Run(IReadOnlyList<byte[]> corpus, int iterations, Target target, int maxLength = 16_384, ulong seed = 0x9E37_79B9_7F4A_7C15,
        [CallerFilePath] string family = "")
    {
        Assert.NotEmpty(corpus);
        var tally = new Tally();
        foreach (var input in corpus) Try(target, input, -1, ref tally);
        Try(target, [], -1, ref tally);
        var random = new Xorshift(seed);
        var buffer = new byte[maxLength];
        for (var i = 0; i < iterations; i++)
        {
            var length = Mutate(corpus, buffer, ref random);
            Try(target, buffer.AsSpan(0, length), i, ref tally);
        }
        Report(family, tally);
    }

    /// <param name="Slowest">Ticks of the stopwatch; on a busy machine the scheduler's share is in it.</param>
    private record struct Tally(long Inputs, long Slowest, long MostMemory);

    /// <summary>For a campaign that is not of bytes: it counts for the report as well.</summary>
    public static void Report(long inputs, [CallerFilePath] string family = "") => Report(family, new(inputs, 0, 0));

    private static void Report(string family, Tally tally)
    {
        if (Environment.GetEnvironmentVariable("WEFT_FUZZ_REPORT") is not { Length: > 0 } file) return;
        lock (Interesting)
        {
            File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture,
                $"{Path.GetFileNameWithoutExtension(family),-28} {tally.Inputs,14:N0} inputs, slowest {tally.Slowest * 1e3 / Stopwatch.Frequency,8:0.0} ms, most memory {tally.MostMemory,9:N0} bytes\n"));
        }
    }

    private static void Try(Target target, ReadOnlySpan<byte> input, int iteration, ref Tally tally)
    {
        var (start, memory) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        try
        {
            target(input);
        }
        catch (Exception e)
        {
            Assert.Fail($"iteration {iteration}, input {Convert.ToHexString(input)}: {e}");
        }
        memory = GC.GetAllocatedBytesForCurrentThread() - memory;
        if (memory > MostMemory) Assert.Fail($"iteration {iteration} took {memory} bytes of memory, input {Convert.ToHexString(input)}");
        tally = new(tally.Inputs + 1, Math.Max(tally.Slowest, Stopwatch.GetTimestamp() - start), Math.Max(tally.MostMemory, memory));
    }

    private static int Mutate(IReadOnlyList<byte[]> corpus, byte[] buffer, ref Xorshift random)
    {
        var source = corpus[random.Below(corpus.Count)];
        var length = Math.Min(source.Length, buffer.Length);
        source.AsSpan(0, length).CopyTo(buffer);
        for (var steps = 1 + random.Below(4); steps > 0; steps--)
        {
            var data = buffer.AsSpan(0, length);
            switch (random.Below(8))
            {
                case 0 when length > 0: // one bit
                    data[random.Below(length)] ^= (byte)(1 << random.Below(8));
                    break;
                case 1 when length > 0: // one byte
                    data[random.Below(length)] = (byte)random.Next();
                    break;
                case 2: // cut
                    length = random.Below(length + 1);
                    break;
                case 3: // grow
                    var more = Math.Min(random.Below(64), buffer.Length - length);
                    for (var i = 0; i < more; i++) buffer[length + i] = (byte)random.Next();
                    length += more;
                    break;
                case 4: // the front of this, the back of another
                    var other = corpus[random.Below(corpus.Count)];
                    var front = random.Below(length + 1);
                    var from = random.Below(other.Length + 1);
                    var count = Math.Min(other.Length - from, buffer.Length - front);
                    other.AsSpan(from, count).CopyTo(buffer.AsSpan(front));
                    length = front + count;
                    break;
                case 5 when length >= 2: // a 16-bit field, either byte order: near its old value, or a landmark
                    var at2 = random.Below(length - 1);
                    var old = BinaryPrimitives.ReadUInt16BigEndian(data[at2..]);
                    var value = random.Below(2) == 0 ? (ushort)(old + random.Below(33) - 16) : (ushort)Interesting[random.Below(Interesting.Length)];
                    if (random.Below(4) == 0) BinaryPrimitives.WriteUInt16LittleEndian(data[at2..], value);
                    else BinaryPrimitives.WriteUInt16BigEndian(data[at2..], value);
                    break;
                case 6 when length >= 4: // a 32-bit field
                    var at4 = random.Below(length - 3);
                    var word = random.Below(2) == 0
                        ? BinaryPrimitives.ReadUInt32BigEndian(data[at4..]) + (uint)random.Below(33) - 16
                        : (uint)Interesting[random.Below(Interesting.Length)];
                    if (random.Below(4) == 0) BinaryPrimitives.WriteUInt32LittleEndian(data[at4..], word);
                    else BinaryPrimitives.WriteUInt32BigEndian(data[at4..], word);
                    break;
                case 7 when length > 1: // a run of one value, or a piece moved inside
                    var start = random.Below(length);
                    var run = Math.Min(1 + random.Below(16), length - start);
                    if (random.Below(2) == 0) data.Slice(start, run).Fill((byte)random.Next());
                    else data.Slice(random.Below(length - run + 1), run).CopyTo(data[start..]);
                    break;
            }
        }
        return length;
    }

    /// <summary>G. Marsaglia's xorshift, 64 bits: the same numbers on every machine.</summary>
    private struct Xorshift(ulong seed)
    {
        private ulong state = seed | 1;

        public ulong Next()
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            return state >> 8;
        }

        public int Below(int n) => (int)(Next() % (ulong)n);
    }
}
