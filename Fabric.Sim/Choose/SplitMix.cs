namespace Weft.Fabric.Sim.Choose;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): a counter and a mixing function.</summary>
internal static class SplitMix
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    public static ulong Next(ref ulong state)
    {
        state += Step;
        return Finish(state);
    }

    /// <summary>One value from another: a hash.</summary>
    public static ulong Mix(ulong value) => Finish(value + Step);

    private static ulong Finish(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB;
        return z ^ z >> 31;
    }
}
