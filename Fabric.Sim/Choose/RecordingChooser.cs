namespace Weft.Fabric.Sim.Choose;

/// <summary>Passes questions on and keeps the answers.</summary>
public sealed class RecordingChooser(IChooser inner, List<ChoiceRecord>? into = null) : IOrderChooser
{
    private readonly IOrderChooser? order = inner as IOrderChooser;

    public List<ChoiceRecord> Choices { get; } = into ?? [];
    public bool SeesEveryEvent => order is { SeesEveryEvent: true };
    public bool Reduces => order is { Reduces: true };

    public int Choose(int n, in ChoicePoint why)
    {
        if (n <= 1) return 0;
        var chosen = inner.Choose(n, in why);
        Choices.Add(new(why.Kind, why.Subject, n, chosen));
        return chosen;
    }

    public ulong Draw(int bits, in ChoicePoint why)
    {
        var value = inner.Draw(bits, in why);
        Choices.Add(new(why.Kind, why.Subject, 0, 0, bits, value));
        return value;
    }

    public int ChooseEvent(ReadOnlySpan<Candidate> candidates, in ChoicePoint why)
    {
        var n = candidates.Length;
        var chosen = order is not null ? order.ChooseEvent(candidates, in why) : inner.Choose(n, in why);
        if (n > 1 && chosen != IOrderChooser.Cut) Choices.Add(new(why.Kind, why.Subject, n, chosen));
        return chosen;
    }

    public void OnExecuted(ReadOnlySpan<ulong> touched, Withdrawal withdrawn) => order?.OnExecuted(touched, withdrawn);
}
