namespace Weft.Fabric.Sim;

/// <summary>How a run ended, and why.</summary>
/// <param name="Reason">For a person; empty when it passed.</param>
/// <param name="Rule">Stable name of the broken claim, when there is one: the same failure has the same rule.</param>
/// <param name="Exception">What was thrown, if something was.</param>
public sealed record RunResult(RunOutcome Outcome, RunStatistics Statistics, string Reason = "", string Rule = "", Exception? Exception = null)
{
    public bool HasPassed => Outcome == RunOutcome.Passed;
    /// <summary>Failed in whatever way; a run that was cut has neither passed nor failed.</summary>
    public bool HasFailed => Outcome is not (RunOutcome.Passed or RunOutcome.Cut);

    public override string ToString() => HasPassed ? "passed" : Rule.Length > 0 ? $"{Outcome}: {Rule}: {Reason}" : $"{Outcome}: {Reason}";
}
