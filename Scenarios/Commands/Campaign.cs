#pragma warning disable RS0030 // workers are threads: each has worlds of its own, and the merged report does not depend on their speed
using System.Threading;
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
    /// <summary>How many complete runs took which course.</summary>
    public SortedDictionary<string, long> Courses { get; } = new(StringComparer.Ordinal);

    /// <summary>Ends it after the runs under way.</summary>
    public void Interrupt() => isStopped = WasInterrupted = true;

    /// <summary>One run, as every worker makes it.</summary>
    /// <param name="courses">Counts the courses that complete runs took.</param>
    public static Explorer CreateExplorer(Scenario scenario, Settings settings, ScenarioParts? parts = null, Action<string>? courses = null)
    {
        var taken = new List<string>();
        return new(run =>
        {
            taken.Clear();
            var result = ScenarioRunner.Run(scenario, new RunRequest
            {
                Settings = settings, Seed = run.Seed, Chooser = run.Chooser, Resources = run.Resources, Parts = parts ?? ScenarioParts.Product, Courses = taken,
            });
            if (result.HasPassed && courses is not null) foreach (var course in taken) courses(course);
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

    private void Count(string course)
    {
        lock (Courses) Courses[course] = Courses.GetValueOrDefault(course) + 1;
    }
}
