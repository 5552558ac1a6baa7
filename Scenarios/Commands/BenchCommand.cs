using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Weft.Fabric.Hw;
using Weft.Scenarios.Bench;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft bench</c>: how fast the program is on this machine, beside what the machine can do.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("name") { Description = $"What to measure: {string.Join(", ", Benchmarks.Groups)}. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        var seconds = new Option<double>("--seconds") { Description = "Processor time of each measurement, after as much to warm up.", DefaultValueFactory = _ => 3 };
        var json = CommonOptions.Json();
        var command = new Command("bench",
            "Measures packets, commands, throughput, schedules and many initiators, on one core, beside the machine's own limits; and a real link, a veth pair, "
            + "beside the bare system calls (needs root, or `unshare -rn weft bench link`).\n\nExamples:\n"
            + "  weft bench\n  weft bench packets schedules --seconds 1 --json") { names, seconds, json };
        command.SetAction(parsed =>
        {
            var groups = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. Benchmarks.Groups];
            if (groups.FirstOrDefault(g => !Benchmarks.Groups.Contains(g)) is { } unknown)
                return Out.Usage($"there is no benchmark '{unknown}'; there are {string.Join(", ", Benchmarks.Groups)}");
            if (parsed.GetValue(seconds) is not (>= 0.1 and <= 600)) return Out.Usage("--seconds takes 0.1 to 600");
            try
            {
                Run(groups, parsed.GetValue(names) is { Length: > 0 }, parsed.GetValue(seconds), parsed.GetValue(json));
            }
            catch (LinkException e)
            {
                return Out.Usage(e.Message);
            }
            return ExitCode.Success;
        });
        return command;
    }

    /// <param name="isGiven">The groups were asked for by name: one that cannot be measured here is an error, and otherwise is left out.</param>
    private static void Run(string[] groups, bool isGiven, double seconds, bool json)
    {
        if (IsDebug) Console.Error.WriteLine("weft: THIS IS A DEBUG BUILD: the figures say nothing; use dotnet run -c Release");
        var benchmarks = new Benchmarks(seconds);
        var all = new List<Measurement>();
        foreach (var group in groups.Contains("machine") ? groups : ["machine", .. groups])
        {
            try
            {
                var measured = Progress.While(() => benchmarks.Run(group).ToList(), () => $"measuring {group}");
                all.AddRange(measured);
            }
            catch (LinkException e) when (!isGiven)
            {
                Console.Error.WriteLine($"weft: {group} is left out: {e.Message}");
            }
        }
        if (json)
        {
            Out.Json(new
            {
                IsDebug, Seconds = seconds, Processors = Environment.ProcessorCount,
                Measurements = all.Select(m => new { m.Group, m.What, m.Figure, m.PerProcessorSecond, m.Unit, m.Goal, m.IsMet, m.OfGoal, m.Limit, m.OfLimit, m.Note }),
            });
            return;
        }
        Out.Table(["WHAT", "BY THE CLOCK", "BY PROCESSOR TIME", "UNIT", "GOAL", "OF GOAL", "OF LIMIT", "REMARK"], all.Select(Row));
        Out.Line();
        Out.Line("By processor time: per second that the program had the processor, which is what one idle core would do; the ratios use it.");
        Out.Line("Limit: what the machine would reach if an operation were only its copies of the data and its two checksums.");
    }

    private static string[] Row(Measurement m) =>
    [
        m.What, Number(m.Figure), m.PerProcessorSecond is { } p ? Number(p) : "", m.Unit, m.Goal is { } goal ? (m.IsCost ? "<= " : "") + Number(goal) : "",
        m.OfGoal is { } of ? of.ToString("0.00", CultureInfo.InvariantCulture) : m.IsMet is { } met ? (met ? "met" : "missed") : "",
        m.OfLimit is { } limit ? limit.ToString("0.00", CultureInfo.InvariantCulture) : "", m.Note ?? "",
    ];

    private static string Number(double value) => value.ToString(value is not 0 and < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture);

    private static bool IsDebug =>
        typeof(BenchCommand).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };
}
