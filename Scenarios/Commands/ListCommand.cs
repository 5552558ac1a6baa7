using System.CommandLine;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft list [NAME]</c>: the catalogue, or one scenario with its settings.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Show one scenario with its settings.", Arity = ArgumentArity.ZeroOrOne };
        var json = CommonOptions.Json();
        var command = new Command("list", "Lists the scenarios, each with its claim.\n\nExamples:\n  weft list\n  weft list login-before-established") { name, json };
        command.SetAction(parsed => List(parsed.GetValue(name), parsed.GetValue(json)));
        return command;
    }

    private static int List(string? name, bool json)
    {
        if (name is not null && ScenarioCatalog.Find(name) is null) return Out.Usage(ScenarioCatalog.Unknown(name));
        var scenarios = name is null ? ScenarioCatalog.All : [ScenarioCatalog.Find(name)!];
        if (json)
        {
            Out.Json(scenarios.Select(s => new { s.Name, s.Claim, s.Source, IsLive = s.NotLive is null, s.NotLive, s.Settings }));
            return ExitCode.Success;
        }
        if (name is null)
        {
            Out.Table(["SCENARIO", "LIVE", "CLAIM"], scenarios.Select(s => new[] { s.Name, s.NotLive is null ? "yes" : "no", s.Claim }));
            return ExitCode.Success;
        }
        Show(scenarios[0]);
        return ExitCode.Success;
    }

    private static void Show(Scenario scenario)
    {
        Out.Line(scenario.Name);
        Out.Line($"  claim:  {scenario.Claim}");
        Out.Line($"  source: {scenario.Source}");
        Out.Line($"  live:   {(scenario.NotLive is { } reason ? $"no, {reason}" : "yes, with `weft run --live`")}");
        if (scenario.Settings.Count == 0) return;
        Out.Line();
        Out.Table(["SETTING", "DEFAULT", "RANGE", "UNIT", "MEANING"],
            scenario.Settings.Select(s => new[] { s.Name, $"{s.Default}", $"{s.Minimum}..{s.Maximum}", s.Unit, s.Description }));
    }
}
