using System.Text;

namespace Weft.Fabric.Sim;

/// <summary>What a world still has going on.</summary>
/// <param name="FramesOutstanding">Frames that someone holds, those in flight included.</param>
/// <param name="FramesInFlight">Frames on links.</param>
/// <param name="Lanes">Lanes with something in them, as node/lane (count).</param>
/// <param name="Timers">Armed timers, as node/timer (deadline).</param>
public sealed record QuiescenceReport(
    int FramesOutstanding, int FramesInFlight, IReadOnlyList<string> Lanes, IReadOnlyList<string> Timers)
{
    public bool IsQuiet => FramesOutstanding == 0 && FramesInFlight == 0 && Lanes.Count == 0 && Timers.Count == 0;

    public override string ToString()
    {
        if (IsQuiet) return "quiet";
        var text = new StringBuilder();
        if (FramesOutstanding > 0) Add($"{FramesOutstanding} frames outstanding, {FramesInFlight} of them in flight");
        if (Lanes.Count > 0) Add($"lanes: {string.Join(", ", Lanes)}");
        if (Timers.Count > 0) Add($"armed timers: {string.Join(", ", Timers)}");
        return text.ToString();

        void Add(string part) => text.Append(text.Length > 0 ? "; " : "").Append(part);
    }
}
