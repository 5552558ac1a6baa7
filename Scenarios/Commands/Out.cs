using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Weft.Scenarios.Commands;

/// <summary>Where commands print: results to standard output, progress and errors to standard error.</summary>
internal static class Out
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly IAnsiConsole StandardError = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static IAnsiConsole Error => StandardError;

    /// <summary>Columns of the terminal; of a usual one where output goes elsewhere.</summary>
    public static int Width => Console.IsOutputRedirected || Console.WindowWidth < 80 ? 160 : Console.WindowWidth - 1;

    public static void Json(object document) => Console.Out.WriteLine(JsonSerializer.Serialize(document, JsonOptions));

    /// <summary>Text that has its line ends in it.</summary>
    public static void Text(string text) => Console.Out.Write(text);

    public static void Line(string text = "") => Console.Out.WriteLine(text);

    /// <summary>Says what is wrong and how to mend it; returns the exit code for it.</summary>
    public static int Usage(string message)
    {
        Console.Error.WriteLine($"weft: {message}");
        return ExitCode.Usage;
    }

    /// <summary>Says what went wrong; returns the exit code for it.</summary>
    public static int Failure(string message)
    {
        Console.Error.WriteLine($"weft: {message}");
        return ExitCode.Failed;
    }

    /// <summary>A plain table: header and rows, columns as wide as needed, no frame.</summary>
    public static void Table(string[] header, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        var widths = header.Select((h, i) => Math.Max(h.Length, all.Count == 0 ? 0 : all.Max(r => r[i].Length))).ToArray();
        Line(Row(header));
        foreach (var row in all) Line(Row(row));

        string Row(string[] cells) => string.Join("  ", cells.Select((c, i) => i == cells.Length - 1 ? c : c.PadRight(widths[i]))).TrimEnd();
    }
}
