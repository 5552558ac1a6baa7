namespace Weft.Fabric.Sim.Choose;

/// <summary>One answer: of a choice, or of a draw when <see cref="Bits"/> is not 0.</summary>
/// <param name="Chosen">The alternative; 0 for a draw.</param>
/// <param name="Bits">Width of a draw.</param>
/// <param name="Value">The value drawn.</param>
public readonly record struct ChoiceRecord(ChoiceKind Kind, string Subject, int Alternatives, int Chosen, int Bits = 0, ulong Value = 0)
{
    public bool IsDraw => Bits != 0;
    /// <summary>Whether it is what happens when nobody interferes.</summary>
    public bool IsDefault => Chosen == 0 && !IsDraw;

    public override string ToString() => IsDraw
        ? FormattableString.Invariant($"{ChoiceKinds.NameOf(Kind)} {Subject} {Bits}b 0x{Value:X}")
        : FormattableString.Invariant($"{ChoiceKinds.NameOf(Kind)} {Subject} {Alternatives} {Chosen}");
}
