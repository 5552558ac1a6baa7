using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Runs a scenario again and again, as a strategy says. On one thread; several explorers with strategies and scenarios of their own may run
/// side by side.
/// </summary>
/// <param name="scenario">Makes a world from what it is given, runs it and says how it ended. Nothing else may decide the outcome.</param>
public sealed class Explorer(Func<ExploredRun, RunResult> scenario)
{
    private readonly WorldResources resources = new();
    private readonly List<ChoiceRecord> choices = [];

    public ExplorationReport Explore(IStrategy strategy, ExplorationOptions? options = null)
    {
        options ??= new();
        long runs = 0, cut = 0, failed = 0;
        var mostChoices = 0;
        var total = default(RunStatistics);
        var failures = new List<ExplorationFailure>();
        var isExhausted = false;
        var number = options.First;
        while (runs + cut < options.Budget)
        {
            var chooser = strategy.Next(out var seed);
            if (chooser is null)
            {
                isExhausted = true;
                break;
            }
            var result = Run(chooser, seed);
            strategy.Completed(result);
            total += result.Statistics;
            mostChoices = Math.Max(mostChoices, choices.Count);
            if (result.Outcome == RunOutcome.Cut) cut++;
            else runs++;
            if (result.HasFailed)
            {
                failed++;
                failures.Add(new(number, seed, result, [.. choices]));
            }
            number += options.Stride;
            var progress = new ExplorationProgress(runs, cut, failed, total.Events);
            if ((runs + cut) % options.ProgressInterval == 0) options.Progress?.Invoke(progress);
            if (failures.Count >= options.FailureLimit || options.Continue?.Invoke(progress) == false) break;
        }
        options.Progress?.Invoke(new(runs, cut, failed, total.Events));
        return new()
        {
            Strategy = strategy.Name,
            Runs = runs,
            Cut = cut,
            Failed = failed,
            Failures = failures,
            IsExhausted = isExhausted,
            MostChoices = mostChoices,
            Total = total,
            Details = strategy.Describe(),
        };
    }

    /// <summary>One run with recorded answers. A list that does not fit is a failure with the rule <c>replay-mismatch</c>.</summary>
    public RunResult Replay(ReplayChooser replay, ulong seed)
    {
        var result = Run(replay, seed);
        if (replay.Mismatch is { } mismatch) return result with { Outcome = RunOutcome.Failed, Rule = mismatch.Rule, Reason = mismatch.Message, Exception = mismatch };
        return replay.DescribeUnused() is { } unused
            ? result with { Outcome = RunOutcome.Failed, Rule = "replay-mismatch", Reason = unused }
            : result;
    }

    /// <summary>One run; the answers are in <see cref="LastChoices"/> afterwards.</summary>
    public RunResult Run(IChooser chooser, ulong seed)
    {
        choices.Clear();
        return scenario(new(new RecordingChooser(chooser, choices), seed, resources));
    }

    /// <summary>Answers of open kinds in the last run.</summary>
    public IReadOnlyList<ChoiceRecord> LastChoices => choices;
}
