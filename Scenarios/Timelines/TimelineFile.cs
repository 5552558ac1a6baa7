namespace Weft.Scenarios.Timelines;

/// <summary>A timeline as a file; its extension says in which form.</summary>
internal static class TimelineFile
{
    public const string Help = "Draws what the hosts said to each other as a ladder diagram: .svg, .html, or .txt for characters.";

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Timeline timeline, FileInfo file, int limit = int.MaxValue) => File.WriteAllText(file.FullName, file.Extension.ToUpperInvariant() switch
    {
        ".TXT" => $"{timeline.Title}\n{timeline.Subtitle}\n\n{TimelineText.Draw(timeline, limit)}",
        ".HTML" or ".HTM" => $"<!doctype html>\n<meta charset=\"utf-8\">\n<title>timeline</title>\n{TimelineSvg.Draw(timeline, limit)}",
        _ => TimelineSvg.Draw(timeline, limit),
    });
}
