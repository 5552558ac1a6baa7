using System.Diagnostics;
using System.Text;

namespace Weft.Scenarios.Tests.Subnets;

/// <summary>A program that runs beside the test; what it prints can be waited for.</summary>
internal sealed class LoggedProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();

    public LoggedProcess(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        process = new Process { StartInfo = start };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>Waits until a text has been printed so many times.</summary>
    public void WaitFor(string text, int times = 1, int seconds = 120)
    {
        var waiting = Stopwatch.StartNew();
        lock (output)
        {
            while (output.ToString().Split(text).Length <= times)
            {
                if (waiting.Elapsed.TotalSeconds > seconds || process.HasExited)
                    throw new TimeoutException($"{process.StartInfo.FileName} did not print '{text}' {times} times, but:\n{output}");
                Monitor.Wait(output, 500);
            }
        }
    }

    public void Type(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
    }

    /// <summary>Sends a signal, waits for the end, and returns the exit code.</summary>
    public int End(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
        if (!process.WaitForExit(30_000)) throw new TimeoutException($"{process.StartInfo.FileName} still runs:\n{Output}");
        process.WaitForExit();
        return process.ExitCode;
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
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }
}
