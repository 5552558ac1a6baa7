using System.Diagnostics;
using System.Globalization;

namespace Weft.Live.Tests.Lab;

/// <summary>A program of this machine, run to its end.</summary>
internal static class Host
{
    /// <summary>Runs it; another exit code than 0 fails the test with what it printed.</summary>
    /// <returns>Standard output and error together.</returns>
    public static string Run(string program, params string[] arguments)
    {
        var (code, output) = TryRun(program, arguments);
        Assert.True(code == 0, string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)}: exit code {code}\n{output}"));
        return output;
    }

    public static (int ExitCode, string Output) TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
