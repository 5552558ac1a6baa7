namespace Weft.Fabric.Sim.Choose;

/// <summary>
/// Gives recorded answers. When the list is used up, alternative 0 is the answer (a list needs no zeros at its end), and draws come from
/// the seed.
/// </summary>
public sealed class ReplayChooser : IChooser
{
    private readonly IReadOnlyList<ChoiceRecord> choices;
    private readonly IReadOnlyList<ChoiceLog.ZeroRun> zeroRuns;
    private readonly bool isLenient;
    private readonly SeededChooser afterwards;
    private int nextRun;
    private uint check = ChoiceLog.EmptyCheck;

    /// <param name="isLenient">Takes each answer by its place alone, and 0 where it is no alternative: for lists that were changed.</param>
    public ReplayChooser(IReadOnlyList<ChoiceRecord> choices, ulong seed = 0, bool isLenient = false)
        : this(choices, [], seed, isLenient)
    {
    }

    internal ReplayChooser(IReadOnlyList<ChoiceRecord> choices, IReadOnlyList<ChoiceLog.ZeroRun> zeroRuns, ulong seed, bool isLenient)
    {
        this.choices = choices;
        this.zeroRuns = zeroRuns;
        this.isLenient = isLenient;
        afterwards = new(seed);
    }

    /// <summary>Answers given from the list so far.</summary>
    public int Used { get; private set; }
    /// <summary>Why the list did not fit, if it did not.</summary>
    public ReplayMismatchException? Mismatch { get; private set; }

    private bool IsInZeroRun => nextRun < zeroRuns.Count && Used >= zeroRuns[nextRun].Start;

    public int Choose(int n, in ChoicePoint why)
    {
        if (n <= 1 || Used == choices.Count) return 0;
        var recorded = choices[Used];
        if (isLenient)
        {
            Used++;
            return recorded.IsDraw || recorded.Chosen >= n ? 0 : recorded.Chosen;
        }
        if (IsInZeroRun)
        {
            PassZero(n, in why);
            return 0;
        }
        if (recorded.Kind != why.Kind || recorded.Alternatives != n || recorded.Subject != why.Subject)
            throw Misfit($"{ChoiceKinds.NameOf(why.Kind)} {why.Subject}, {n} alternatives");
        Used++;
        return recorded.Chosen;
    }

    public ulong Draw(int bits, in ChoicePoint why)
    {
        if (Used == choices.Count) return afterwards.Draw(bits, in why);
        var recorded = choices[Used];
        if (isLenient)
        {
            Used++;
            return recorded.Bits == bits ? recorded.Value : afterwards.Draw(bits, in why);
        }
        if (IsInZeroRun || recorded.Kind != why.Kind || recorded.Bits != bits || recorded.Subject != why.Subject)
            throw Misfit($"{ChoiceKinds.NameOf(why.Kind)} {why.Subject}, a value of {bits} bits");
        Used++;
        return recorded.Value;
    }

    /// <summary>After the run: a message when the run ended before the list did, else null.</summary>
    public string? DescribeUnused() => Used == choices.Count
        ? null
        : $"the run ended after {Used} of {choices.Count} recorded choices; the next one was: {Describe(choices[Used])}";

    // Of these only the number and a hash were kept: the hash tells at the end of the run whether they were the same questions.
    private void PassZero(int n, in ChoicePoint why)
    {
        var run = zeroRuns[nextRun];
        check = ChoiceLog.CheckOf(check, why.Kind, why.Subject, n);
        if (++Used < run.Start + run.Count) return;
        if (check != run.Check)
        {
            throw Mismatch = new(run.Start, $"choices {run.Start + 1} to {Used} of {choices.Count} do not fit: recorded were {run.Count} times " +
                $"alternative 0 of other questions; the last one asked is {ChoiceKinds.NameOf(why.Kind)} {why.Subject}, {n} alternatives");
        }
        nextRun++;
        check = ChoiceLog.EmptyCheck;
    }

    private ReplayMismatchException Misfit(string asked) => Mismatch = new(
        Used, $"choice {Used + 1} of {choices.Count} does not fit: recorded was {Describe(choices[Used])}; asked is {asked}");

    private static string Describe(ChoiceRecord record) => record switch
    {
        { IsDraw: true } => $"{ChoiceKinds.NameOf(record.Kind)} {record.Subject}, a value of {record.Bits} bits",
        { Alternatives: 0 } => "alternative 0 of something that was not written down",
        _ => $"{ChoiceKinds.NameOf(record.Kind)} {record.Subject}, {record.Alternatives} alternatives ({record.Chosen} taken)",
    };
}
