using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary>What a failing run leaves: its choices, which bring it back; its capture; its timeline.</summary>
internal sealed record FailureFiles(FileInfo Choices, FileInfo Capture, FileInfo Timeline)
{
    /// <summary>Lines of the timeline that are printed under a failure.</summary>
    private const int PrintedLines = 24;

    /// <summary>The timeline's end as characters, for the terminal.</summary>
    public string Drawing { get; private init; } = "";

    /// <summary>Makes the run once more, with everything on, and writes what is to be kept.</summary>
    /// <param name="choices">Where the choices go; none: a file of the scenario's name here.</param>
    /// <param name="capture">Where the capture goes; none: beside the choices. So with the timeline.</param>
    public static FailureFiles Write(Scenario scenario, Settings settings, ExplorationFailure failure, FileInfo? choices, FileInfo? capture = null, FileInfo? timeline = null)
    {
        choices ??= new($"{scenario.Name}.choices");
        capture ??= new(Path.ChangeExtension(choices.FullName, ".pcapng"));
        timeline ??= new(Path.ChangeExtension(choices.FullName, ".svg"));
        File.WriteAllText(choices.FullName, Commands.Choices.ToLog(scenario, settings, failure).ToString());
        var drawing = DrawnRun.Make(scenario, settings, failure.Seed, new ReplayChooser(failure.Choices, failure.Seed), capture, out _);
        TimelineFile.Write(drawing, timeline);
        return new(choices, capture, timeline) { Drawing = TimelineText.Draw(drawing, PrintedLines, Out.Width) };
    }

    public void Print()
    {
        Out.Line($"  choices:  {Name(Choices)}");
        Out.Line($"  capture:  {Name(Capture)}");
        Out.Line($"  timeline: {Name(Timeline)}");
    }

    public object Document => new { Choices = Choices.FullName, Capture = Capture.FullName, Timeline = Timeline.FullName };

    private static string Name(FileInfo file) => Path.GetRelativePath(Environment.CurrentDirectory, file.FullName);
}
