namespace Weft.Scenarios.Captures;

/// <summary>Something about one frame of a capture.</summary>
internal sealed record FrameProblem(int Frame, string Rule, string Spec, string Detail)
{
    public FrameProblem(int frame, Violation violation) : this(frame, violation.Rule, violation.Spec, violation.Detail)
    {
    }

    public override string ToString() => $"frame {Frame}: {Rule}: {Detail} [{Spec}]";
}
