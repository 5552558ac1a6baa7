using System.Diagnostics;
using System.Text;
using Weft.Scenarios.Runner;

namespace Weft.Live.Tests.Lab;

/// <summary>The program as a user runs it, on the link to a guest.</summary>
internal sealed class WeftProcess : IDisposable
{
    public const string Address = "10.9.0.1";
    private readonly Process process;
    private readonly StringBuilder output = new();

    /// <param name="arguments">Without the link: that is added.</param>
    public WeftProcess(Guest guest, params string[] arguments)
        : this($"unix:{guest.OurPath},{guest.GuestPath}", Address, guest.NextCapture(), arguments)
    {
    }

    /// <param name="link">What --link takes.</param>
    /// <param name="address">Our own on that link.</param>
    /// <param name="capture">Where the capture goes.</param>
    public WeftProcess(string link, string address, string capture, params string[] arguments)
        : this([], Weft, capture, [.. arguments, "--link", link, "--address", $"{address}/24"])
    {
    }

    /// <param name="prefix">A command that runs another in its own place, such as <c>ip netns exec NAME</c>.</param>
    /// <param name="program">The assembly of our program: <see cref="Weft"/>, or another with the same command line.</param>
    public WeftProcess(string[] prefix, string program, string capture, params string[] arguments)
    {
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        // A shell's background job ignores Ctrl-C, and so would all that it starts.
        string[] command = [.. prefix, "env", "--default-signal=INT", dotnet, program, .. arguments, "--capture", capture];
        Capture = capture;
        process = new Process { StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The target on the link to a guest, once it is ready.</summary>
    public static WeftProcess Serve(Guest guest, params string[] options)
    {
        var weft = new WeftProcess(guest, ["serve", .. options]);
        weft.WaitFor("Ctrl-C ends");
        return weft;
    }

    public static string Weft { get; } = typeof(Scenario).Assembly.Location;

    /// <summary>The file with every frame that it sent or received; whole after its end.</summary>
    public string Capture { get; }

    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>Waits until the program has printed a text.</summary>
    public void WaitFor(string text, int seconds = 60)
    {
        var waiting = Stopwatch.StartNew();
        lock (output)
        {
            while (!output.ToString().Contains(text, StringComparison.Ordinal))
            {
                if (waiting.Elapsed.TotalSeconds > seconds) throw new TimeoutException($"weft did not print '{text}' in {seconds} s, but:\n{output}");
                if (process.HasExited) throw new InvalidOperationException($"weft ended with {process.ExitCode} before it printed '{text}':\n{output}");
                Monitor.Wait(output, 500);
            }
        }
    }

    /// <summary>
    /// After the program's end: what it captured parses, is written back to the same bytes and obeys the rules from frame to frame
    /// (`weft capture check`), and tshark finds nothing malformed in it.
    /// </summary>
    public void CheckCapture()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { Weft, "capture", "check", Capture }) start.ArgumentList.Add(argument);
        using var check = Process.Start(start)!;
        var errors = check.StandardError.ReadToEndAsync();
        var report = check.StandardOutput.ReadToEnd();
        check.WaitForExit();
        Assert.True(check.ExitCode == 0, $"capture check of {string.Join(' ', process.StartInfo.ArgumentList)}:\n{report}{errors.Result}");
        Tshark.FindsNothingMalformed(Capture);
    }

    /// <summary>No goodbye: the process is gone at once.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Waits for the program's own end.</summary>
    public int WaitForExit(int seconds = 120)
    {
        if (!process.WaitForExit(seconds * 1000)) throw new TimeoutException($"weft still runs after {seconds} s:\n{Output}");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Ctrl-C, and the orderly end that it asks for.</summary>
    public int Interrupt(int seconds = 60)
    {
        Signal("INT");
        return WaitForExit(seconds);
    }

    /// <summary>Ctrl-C ends the target, which says by its exit code that no queue pair, key or session is left in it; its capture is checked.</summary>
    public void EndServing()
    {
        Assert.True(Interrupt() == 0, Output);
        Assert.Contains("stopped", Output, StringComparison.Ordinal);
        CheckCapture();
    }

    /// <summary>How often the program has printed a text.</summary>
    public int Count(string text) => Output.Split(text).Length - 1;

    /// <summary>Cuts the link, which must have --impair, or joins it again.</summary>
    public void ToggleLink() => Signal("USR1");

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private void Keep(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null) return;
        lock (output)
        {
            output.AppendLine(e.Data);
            Monitor.PulseAll(output);
        }
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
