using System.Globalization;
using Microsoft.Coyote;
using Microsoft.Coyote.Random;
using Microsoft.Coyote.SystematicTesting;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Coyote;
using Weft.Scenarios.Runner;

// weft-coyote SCENARIO [ITERATIONS]: explores a scenario with Coyote's own strategies. The body is synchronous and every choice is
// explicit, so nothing needs to be rewritten, and a bug report's trace replays.
if (args.Length is < 1 or > 2 || ScenarioCatalog.Find(args[0]) is not { } scenario)
{
    Console.Error.WriteLine(args.Length == 0 ? "usage: weft-coyote SCENARIO [ITERATIONS]" : ScenarioCatalog.Unknown(args[0]));
    return 2;
}
var iterations = args.Length == 2 ? uint.Parse(args[1], CultureInfo.InvariantCulture) : 1000;
var settings = Settings.TryCreate(scenario.Settings, [], out _)!;
var configuration = Configuration.Create().WithTestingIterations(iterations).WithTelemetryEnabled(false);
using var engine = TestingEngine.Create(configuration, () =>
{
    var result = ScenarioRunner.Run(scenario, new RunRequest { Settings = settings, Chooser = new CoyoteChooser(Generator.Create()) });
    Microsoft.Coyote.Specifications.Specification.Assert(result.HasPassed, result.ToString());
});
engine.Run();
Console.WriteLine(engine.TestReport.GetText(configuration));
if (engine.TestReport.NumOfFoundBugs == 0) return 0;
var trace = $"{scenario.Name}.coyote";
File.WriteAllText(trace, engine.ReproducibleTrace);
Console.WriteLine($"trace of the failure: {trace}");
return 1;
