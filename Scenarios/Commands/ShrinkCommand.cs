using System.CommandLine;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Explore;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft shrink FILE</c>: the same failure with as few choices as possible.</summary>
internal static class ShrinkCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A choice log of a failing run." };
        var output = new Option<FileInfo?>("--output") { Description = "Where to write the result. Default: FILE with .min before its extension.", HelpName = "file" };
        var attempts = new Option<long>("--attempts") { Description = "Most runs to spend.", DefaultValueFactory = _ => 10_000 };
        var json = CommonOptions.Json();
        var command = new Command("shrink",
            "Reduces a failing schedule to a minimal one that breaks the same claim.\n\nExamples:\n  weft shrink login-before-established.choices") { file, output, attempts, json };
        command.SetAction(parsed =>
        {
            var source = parsed.GetValue(file)!;
            if (!Choices.TryLoad(source, out var log, out var scenario, out var settings, out var error)) return Out.Usage(error);
            if (parsed.GetValue(attempts) < 1) return Out.Usage("--attempts takes a number from 1");
            var explorer = Campaign.CreateExplorer(scenario, settings);
            var first = explorer.Replay(log.ToChooser(), log.Seed);
            if (!first.HasFailed) return Out.Usage($"{source.Name} does not fail any more, so there is nothing to shrink");
            if (first.Rule == "replay-mismatch") return Out.Usage($"{source.Name} does not fit this program: {first.Reason}");
            var shrinker = new Shrinker(explorer);
            var given = new ExplorationFailure(0, log.Seed, first, [.. explorer.LastChoices]);
            var (count, best) = (given.Choices.Count(c => c.Chosen != 0), given.Choices.Count);
            var smaller = Progress.While(
                () => shrinker.Shrink(given, parsed.GetValue(attempts), (left, length, _) => (count, best) = (left, length)),
                () => $"{scenario.Name}: {shrinker.Attempts:N0} attempts, {count} choices of {best} left");
            var target = parsed.GetValue(output) ?? new FileInfo(Path.ChangeExtension(source.FullName, ".min" + source.Extension));
            File.WriteAllText(target.FullName, Choices.ToLog(scenario, settings, smaller).ToString());
            var (before, after) = (given.Choices.Count(c => c.Chosen != 0), smaller.Choices.Count(c => c.Chosen != 0));
            if (parsed.GetValue(json))
                Out.Json(new { Scenario = scenario.Name, smaller.Result.Rule, smaller.Result.Reason, Before = before, After = after, shrinker.Attempts, File = target.FullName });
            else
            {
                Out.Line($"{scenario.Name}: {before} choices that matter became {after}, in {shrinker.Attempts:N0} attempts");
                foreach (var choice in smaller.Choices.Where(c => c.Chosen != 0)) Out.Line($"  {choice}");
                Out.Line($"  replay: weft replay {target.Name}");
            }
            return ExitCode.Success;
        });
        return command;
    }
}
