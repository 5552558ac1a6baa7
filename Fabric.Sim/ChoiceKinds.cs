namespace Weft.Fabric.Sim;

/// <summary>A set of kinds of choice.</summary>
public readonly record struct ChoiceKinds(uint Bits)
{
    // Written out: these are words of a file format, and renaming a member must not change it.
    private static readonly string[] NameTable =
        ["delivery", "dispatch", "timer", "backend", "loss", "corruption", "duplication", "reordering", "delay", "fault", "value", "script"];

    public static readonly ChoiceKinds None;
    public static readonly ChoiceKinds All = new((1u << NameTable.Length) - 1);
    /// <summary>The kinds that order events.</summary>
    public static readonly ChoiceKinds Order = Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Timer, ChoiceKind.BackEnd);

    public static ChoiceKinds Of(params ReadOnlySpan<ChoiceKind> kinds)
    {
        uint bits = 0;
        foreach (var kind in kinds) bits |= 1u << (int)kind;
        return new(bits);
    }

    public bool Has(ChoiceKind kind) => (Bits >> (int)kind & 1) != 0;
    public ChoiceKinds With(ChoiceKind kind) => new(Bits | 1u << (int)kind);
    public ChoiceKinds Without(ChoiceKind kind) => new(Bits & ~(1u << (int)kind));
    public static ChoiceKinds operator |(ChoiceKinds a, ChoiceKinds b) => new(a.Bits | b.Bits);

    /// <summary>The word for a kind in choice logs and options.</summary>
    public static string NameOf(ChoiceKind kind) => NameTable[(int)kind];

    public static bool TryParseKind(ReadOnlySpan<char> name, out ChoiceKind kind)
    {
        for (var i = 0; i < NameTable.Length; i++)
        {
            if (!name.SequenceEqual(NameTable[i])) continue;
            kind = (ChoiceKind)i;
            return true;
        }
        kind = default;
        return false;
    }

    /// <summary>Words separated by blanks or commas; also <c>all</c>, <c>order</c> and <c>none</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ChoiceKinds kinds)
    {
        kinds = None;
        foreach (var range in text.SplitAny(' ', ','))
        {
            var word = text[range];
            if (word.IsEmpty || word.SequenceEqual("none")) continue;
            if (word.SequenceEqual("all")) kinds |= All;
            else if (word.SequenceEqual("order")) kinds |= Order;
            else if (TryParseKind(word, out var kind)) kinds = kinds.With(kind);
            else return false;
        }
        return true;
    }

    public override string ToString()
    {
        if (Bits == 0) return "none";
        var words = new List<string>();
        for (var i = 0; i < NameTable.Length; i++)
            if (Has((ChoiceKind)i)) words.Add(NameTable[i]);
        return string.Join(' ', words);
    }
}
