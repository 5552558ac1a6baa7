using Microsoft.Coyote.Random;
using Weft.Fabric.Execution;

namespace Weft.Scenarios.Coyote;

/// <summary>Lets Coyote answer every choice of a world: its strategies, its coverage and its replay then work on our scenarios.</summary>
internal sealed class CoyoteChooser(Generator generator) : IChooser
{
    private const int Million = 1_000_000;

    public int Choose(int n, in ChoicePoint why)
    {
        if (n == 1) return 0;
        return why.OddsPerMillion < 0 ? generator.NextInteger(n) : generator.NextInteger(Million) < why.OddsPerMillion ? 1 : 0;
    }

    public ulong Draw(int bits, in ChoicePoint why)
    {
        ulong value = 0;
        for (var done = 0; done < bits; done += 16) value = value << 16 | (uint)generator.NextInteger(1 << 16);
        return bits == 64 ? value : value & ((1UL << bits) - 1);
    }
}
