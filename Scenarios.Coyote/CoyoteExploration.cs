using Microsoft.Coyote;
using Microsoft.Coyote.Random;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Coyote;

/// <summary>
/// Explores a scenario with Coyote's own strategies. The body is synchronous and every choice is explicit, so nothing needs to be
/// rewritten, and the trace of a bug replays.
/// </summary>
internal sealed class CoyoteExploration(Scenario scenario, Settings settings, ScenarioParts parts)
{
    private readonly List<string> taken = [];

    /// <summary>The courses that passing runs took, and how many did.</summary>
    public SortedDictionary<string, int> Courses { get; } = new(StringComparer.Ordinal);
    public int Bugs { get; private set; }
    /// <summary>Iteration, from 1, in which the bug was found; 0: in none.</summary>
    public int FoundIn { get; private set; }
    /// <summary>What brings the bug back; empty without one.</summary>
    public string Trace { get; private set; } = "";
    /// <summary>How the last run ended.</summary>
    public string LastResult { get; private set; } = "";
    /// <summary>Coyote's own report.</summary>
    public string Report { get; private set; } = "";

    /// <summary>Explores until a bug is found or so many iterations are done.</summary>
    public void Explore(uint iterations, uint seed) =>
        Run(Configuration.Create().WithTestingIterations(iterations).WithRandomGeneratorSeed(seed));

    /// <summary>One run with the choices of a trace.</summary>
    public void Replay(string trace) => Run(Configuration.Create().WithReproducibleTrace(trace));

    private void Run(Configuration configuration)
    {
        var iteration = 0;
        configuration = configuration.WithTelemetryEnabled(false).WithMaxSchedulingSteps(0)
            .WithPotentialDeadlocksReportedAsBugs(false); // told by a wall clock, which a busy machine upsets; a world tells its own deadlocks
        using var engine = TestingEngine.Create(configuration, () =>
        {
            iteration++;
            RunOnce();
        });
        engine.Run();
        Report = engine.TestReport.GetText(configuration);
        Bugs = engine.TestReport.NumOfFoundBugs;
        if (Bugs == 0) return;
        FoundIn = iteration;
        Trace = engine.ReproducibleTrace;
    }

    private void RunOnce()
    {
        taken.Clear();
        var result = ScenarioRunner.Run(scenario, new RunRequest { Settings = settings, Parts = parts, Chooser = new CoyoteChooser(Generator.Create()), Courses = taken });
        LastResult = result.ToString();
        Specification.Assert(result.HasPassed, LastResult);
        foreach (var course in taken) Courses[course] = Courses.GetValueOrDefault(course) + 1;
    }
}
