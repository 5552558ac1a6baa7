namespace Weft.Fabric.Sim.Choose;

/// <summary>
/// Answers at random from a seed, the same on every machine. Each subject and kind has a stream of its own (SplitMix64, started from the
/// seed and the letters of the subject), so that one more question at one place changes no answer at another.
/// </summary>
public sealed class SeededChooser : IChooser
{
    private const int Kinds = 12;
    private readonly Dictionary<string, int> subjects = [];
    private ulong[] streams = new ulong[8 * Kinds];
    private string? lastSubject;
    private int lastBase;

    public SeededChooser(ulong seed) => Seed = seed;

    public ulong Seed { get; private set; }

    /// <summary>Starts over with another seed.</summary>
    public void Reset(ulong seed)
    {
        Seed = seed;
        subjects.Clear();
        lastSubject = null;
    }

    public int Choose(int n, in ChoicePoint why)
    {
        if (n <= 1) return 0;
        ref var stream = ref Stream(in why);
        if (n == 2 && why.OddsPerMillion >= 0) return Below(ref stream, 1_000_000) < why.OddsPerMillion ? 1 : 0;
        return Below(ref stream, n);
    }

    public ulong Draw(int bits, in ChoicePoint why)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 64);
        return SplitMix.Next(ref Stream(in why)) >> (64 - bits);
    }

    private static int Below(ref ulong stream, int n) => (int)Math.BigMul(SplitMix.Next(ref stream), (ulong)n, out _);

    private ref ulong Stream(in ChoicePoint why)
    {
        if (!ReferenceEquals(why.Subject, lastSubject))
        {
            lastBase = Find(why.Subject);
            lastSubject = why.Subject;
        }
        return ref streams[lastBase + (int)why.Kind];
    }

    private int Find(string subject)
    {
        if (subjects.TryGetValue(subject, out var start)) return start;
        start = subjects.Count * Kinds;
        subjects.Add(subject, start);
        if (start + Kinds > streams.Length) Array.Resize(ref streams, streams.Length * 2);
        var hash = Seed;
        foreach (var letter in subject) hash = SplitMix.Mix(hash ^ letter);
        for (var kind = 0; kind < Kinds; kind++) streams[start + kind] = SplitMix.Mix(hash + (ulong)kind);
        return start;
    }
}
