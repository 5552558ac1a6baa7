#pragma warning disable RS0030 // workers are threads: each has worlds of its own, and the merged report does not depend on their speed
using System.Threading;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>An exploration on one or several workers.</summary>
internal sealed class Campaign(Scenario scenario, Settings settings, string strategy, ulong seed, Budget budget, int workers)
{
    private readonly WallClock clock = new();
    private volatile bool isStopped;
    private long runs, cut, events;

    public long Runs => Interlocked.Read(ref runs);
    public long Cut => Interlocked.Read(ref cut);
    public long Events => Interlocked.Read(ref events);
    public double Seconds => clock.Seconds;
    public bool WasInterrupted { get; private set; }
    /// <summary>The courses that complete runs took: how many did, and the first of them.</summary>
    public SortedDictionary<string, Course> Courses { get; } = new(StringComparer.Ordinal);

    /// <param name="Count">Runs that took it.</param>
    /// <param name="Choices">Choices of the first.</param>
    /// <param name="Seed">Seed of the first.</param>
    internal sealed record Course(long Count, IReadOnlyList<ChoiceRecord> Choices, ulong Seed);

    /// <summary>Ends it after the runs under way.</summary>
    public void Interrupt() => isStopped = WasInterrupted = true;

    /// <summary>One run, as every worker makes it.</summary>
    /// <param name="courses">Counts the courses that complete runs took.</param>
    public static Explorer CreateExplorer(Scenario scenario, Settings settings, ScenarioParts? parts = null, Action<string, ExploredRun>? courses = null)
    {
        var taken = new List<string>();
        return new(run =>
        {
            taken.Clear();
            var result = ScenarioRunner.Run(scenario, new RunRequest
            {
                Settings = settings, Seed = run.Seed, Chooser = run.Chooser, Resources = run.Resources, Parts = parts ?? ScenarioParts.Product, Courses = taken,
            });
            if (result.HasPassed && courses is not null) foreach (var course in taken) courses(course, run);
            return result;
        });
    }

    public ExplorationReport Run()
    {
        var count = Strategies.CanBeShared(strategy) ? workers : 1;
        var reports = new ExplorationReport[count];
        if (count == 1) reports[0] = Work(0, 1);
        else
        {
            var threads = Enumerable.Range(0, count).Select(i => new Thread(() => reports[i] = Work(i, count), 16 << 20)).ToArray();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
        }
        return ExplorationReport.Merge(reports);
    }

    private ExplorationReport Work(int first, int stride)
    {
        var last = default(ExplorationProgress);
        var share = budget.Schedules == long.MaxValue ? long.MaxValue : (budget.Schedules - first + stride - 1) / stride;
        return CreateExplorer(scenario, settings, courses: Count).Explore(Strategies.TryCreate(strategy, seed, first, stride)!, new ExplorationOptions
        {
            Budget = share,
            First = first,
            Stride = stride,
            Continue = progress =>
            {
                Interlocked.Add(ref runs, progress.Runs - last.Runs);
                Interlocked.Add(ref cut, progress.Cut - last.Cut);
                Interlocked.Add(ref events, progress.Events - last.Events);
                last = progress;
                if (progress.Failed > 0) isStopped = true;
                return !isStopped && clock.Seconds < budget.Seconds;
            },
        });
    }

    private void Count(string name, ExploredRun run)
    {
        lock (Courses)
        {
            Courses[name] = Courses.TryGetValue(name, out var course)
                ? course with { Count = course.Count + 1 }
                : new(1, [.. ((RecordingChooser)run.Chooser).Choices], run.Seed);
        }
    }
}
