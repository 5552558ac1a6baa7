using System.CommandLine;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft explore NAME</c> and <c>weft explore --all</c>: many runs, each with another order of events.</summary>
internal static class ExploreCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "The scenario; `weft list` shows them.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every scenario. Each strategy has the whole budget, shared out by how long the scenarios' runs are; a failure ends only its own scenario's search." };
        var strategy = new Option<string>("--strategy") { Description = $"How to search: {Strategies.Help}; several with commas between.", DefaultValueFactory = _ => "exhaustive" };
        var budget = new Option<string>("--budget") { Description = "When to stop: a number of schedules, or a time such as 30s, 5m, 1h.", DefaultValueFactory = _ => "10000" };
        var seed = CommonOptions.Seed();
        var set = CommonOptions.Set();
        var workers = new Option<int>("--workers") { Description = "Threads that share a random or pct campaign.", DefaultValueFactory = _ => 1 };
        var capture = CommonOptions.Capture();
        capture.Description = "Writes one run of each course that was seen to a pcapng file; the second and later files get a number.";
        var timeline = CommonOptions.Timeline();
        timeline.Description = "The same as a drawn timeline: .svg, .html, or .txt for characters.";
        var save = new Option<FileInfo?>("--save") { Description = "Where to write the choices of a failure; capture and timeline go beside. Default: NAME.choices here.", HelpName = "file" };
        var json = CommonOptions.Json();
        var command = new Command("explore",
            "Runs a scenario under every order of events that the architecture allows, or a sample of them, and stops at the first that breaks its claim.\n"
            + "A failure leaves its choices, its capture and its timeline. The exit code is 1 for a failure, 130 after Ctrl-C.\n\nExamples:\n"
            + "  weft explore login-before-established --capture login.pcapng --timeline login.svg\n"
            + "  weft explore iser-basic --strategy pct:3 --budget 30s --set loss=50000\n"
            + "  weft explore --all --strategy random,pct:3 --budget 100000 --set loss=50000 --set reordering=20000")
        { name, all, strategy, budget, seed, set, workers, capture, timeline, save, json };
        command.SetAction(parsed =>
        {
            if (!Budget.TryParse(parsed.GetValue(budget)!, out var limit)) return Out.Usage($"'{parsed.GetValue(budget)}' is not a budget; give a number of schedules, or a time such as 30s");
            var strategies = parsed.GetValue(strategy)!.Split(',', StringSplitOptions.TrimEntries);
            if (Array.Find(strategies, s => Strategies.TryCreate(s, 1) is null) is { } unknown) return Out.Usage($"'{unknown}' is not a strategy: {Strategies.Help}");
            if (parsed.GetValue(workers) is < 1 or > 64) return Out.Usage("--workers takes 1 to 64");
            if (Find(parsed.GetValue(name), parsed.GetValue(all), parsed.GetValue(set)!, out var scenarios) is { } wrong) return Out.Usage(wrong);
            var (draws, threads, isJson) = (parsed.GetValue(seed), parsed.GetValue(workers), parsed.GetValue(json));
            if (scenarios is [var (scenario, settings)] && strategies is [var only])
            {
                var files = new SingleExploration.Files(parsed.GetValue(capture), parsed.GetValue(timeline), parsed.GetValue(save));
                return SingleExploration.Run(scenario, settings, new Campaign(scenario, settings, only, draws, limit, threads), files, isJson);
            }
            if (parsed.GetValue(capture) is not null || parsed.GetValue(timeline) is not null || parsed.GetValue(save) is not null)
                return Out.Usage("--capture, --timeline and --save go with one scenario and one strategy; what fails here is named after its scenario");
            return ExploreSeveral(new(CatalogueCampaign.Share(scenarios, strategies, limit), parsed.GetValue(set)!, draws, threads), isJson);
        });
        return command;
    }

    /// <summary>The scenarios that are meant, each with its settings.</summary>
    /// <returns>What is wrong, or null.</returns>
    private static string? Find(string? name, bool all, string[] assignments, out List<(Scenario Scenario, Settings Settings)> found)
    {
        found = [];
        if (name is null != all) return "give the name of a scenario (`weft list` shows them), or --all";
        var scenarios = name is null ? ScenarioCatalog.All : ScenarioCatalog.Find(name) is { } one ? [one] : [];
        if (scenarios.Count == 0) return ScenarioCatalog.Unknown(name!);
        if (all && Array.Find(assignments, a => !scenarios.Any(s => Takes(s, a))) is { } strange) return $"no scenario has a setting '{strange.Split('=')[0]}'";
        foreach (var scenario in scenarios)
        {
            // Over the whole catalogue a setting goes to those that have it; the report names the others.
            var own = all ? assignments.Where(a => Takes(scenario, a)) : assignments;
            if (Settings.TryCreate(scenario.Settings, own, out var error) is not { } settings) return all ? $"{scenario.Name}: {error}" : error;
            found.Add((scenario, settings));
        }
        return null;

        static bool Takes(Scenario scenario, string assignment) => scenario.Settings.Any(s => s.Name == assignment.Split('=')[0]);
    }

    private static int ExploreSeveral(CatalogueCampaign campaign, bool json)
    {
        var clock = new WallClock();
        using (OnInterrupt.Call(campaign.Interrupt))
        {
            if (!json) CatalogueReport.Header();
            Progress.While(
                () =>
                {
                    campaign.Run(part =>
                    {
                        Progress.Clear();
                        if (!json) CatalogueReport.Row(part);
                    });
                    return 0;
                },
                campaign.Describe);
        }
        if (json) Out.Json(CatalogueReport.Document(campaign, clock.Seconds));
        else CatalogueReport.Summary(campaign, clock.Seconds);
        if (campaign.Parts.Any(p => p.Failure is not null)) return ExitCode.Failed;
        return campaign.WasInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }
}
