using System.Globalization;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Coyote;
using Weft.Scenarios.Runner;

// weft-coyote SCENARIO [ITERATIONS [SEED]] | weft-coyote SCENARIO --replay FILE
if (args.Length is < 1 or > 3)
{
    Console.Error.WriteLine("usage: weft-coyote SCENARIO [ITERATIONS [SEED]]\n       weft-coyote SCENARIO --replay FILE\nExplores a scenario with Coyote's strategies, e.g. weft-coyote login-before-established 1000");
    return 2;
}
if (ScenarioCatalog.Find(args[0]) is not { } scenario) return Usage(ScenarioCatalog.Unknown(args[0]));
var exploration = new CoyoteExploration(scenario, Settings.TryCreate(scenario.Settings, [], out _)!, ScenarioParts.Product);
if (args is [_, "--replay", var file])
{
    if (!File.Exists(file)) return Usage($"there is no file {file}");
    exploration.Replay(File.ReadAllText(file));
}
else
{
    if (!TryNumber(1, 1000, out var iterations) || !TryNumber(2, 1, out var seed)) return Usage("iterations and seed are whole numbers from 1");
    exploration.Explore(iterations, seed);
}
Console.WriteLine(exploration.Report);
foreach (var (course, count) in exploration.Courses) Console.WriteLine($"{count,8} x {course}");
if (exploration.Bugs == 0) return 0;
Console.WriteLine($"FAILED  {scenario.Name}: {exploration.LastResult}");
var trace = $"{scenario.Name}.coyote";
File.WriteAllText(trace, exploration.Trace);
Console.WriteLine($"replay: weft-coyote {scenario.Name} --replay {trace}");
return 1;

int Usage(string message)
{
    Console.Error.WriteLine($"weft-coyote: {message}");
    return 2;
}

bool TryNumber(int index, uint otherwise, out uint number)
{
    number = otherwise;
    return index >= args.Length || (uint.TryParse(args[index], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0);
}
