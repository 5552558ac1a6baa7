using Weft.Scenarios.Captures;

namespace Weft.Scenarios.Timelines;

/// <summary>Draws up the timeline of a capture. It knows one time for each message, and nothing of what was lost behind the capturing host.</summary>
internal static class CaptureTimeline
{
    /// <returns>Why the file could not be read to its end, or null.</returns>
    public static string? Read(Stream stream, Timeline timeline) => CaptureShow.Run(stream, shown =>
    {
        if (shown.Source.Length == 0) return true;
        var message = new TimelineMessage
        {
            From = timeline.Column(shown.Source), To = timeline.Column(shown.Destination), Sent = shown.Time, Text = shown.Text, IsMinor = shown.IsDetail,
        };
        timeline.Send(message);
        timeline.Arrive(message, shown.Time);
        return true;
    });
}
