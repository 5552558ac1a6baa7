using System.CommandLine;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary>Options that several commands share, so that they read the same everywhere.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document instead of text." };

    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Draws every choice that nothing else decides; the same seed gives the same run.",
        DefaultValueFactory = _ => 1,
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Changes a setting of the scenario, name=value; may be given several times. `weft list NAME` shows them.",
        HelpName = "name=value",
        DefaultValueFactory = _ => [],
    };

    public static Option<FileInfo?> Timeline() => new("--timeline") { Description = TimelineFile.Help, HelpName = "file" };

    public static Option<FileInfo?> Capture() => new("--capture")
    {
        Description = "Writes every packet to a pcapng file that Wireshark reads.",
        HelpName = "file",
    };
}
