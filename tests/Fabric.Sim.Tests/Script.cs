namespace Weft.Fabric.Sim.Tests;

/// <summary>Gives a fixed list of answers, then zeros, and keeps what was asked.</summary>
internal sealed class Script(int[] answers) : IChooser
{
    private int next;
    public List<string> Asked { get; } = [];

    public int Choose(int n, in ChoicePoint why)
    {
        Asked.Add($"{n} {why.Subject} {why.Kind}");
        return next < answers.Length ? answers[next++] : 0;
    }

    public ulong Draw(int bits, in ChoicePoint why) => 0;
}
