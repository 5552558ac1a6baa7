using System.Diagnostics;

namespace Weft.Live.Tests.Lab;

/// <summary>What Wireshark's own dissectors say of a capture.</summary>
internal static class Tshark
{
    /// <summary>The capture has RoCE packets, and none that tshark finds malformed.</summary>
    public static void FindsNothingMalformed(string capture)
    {
        Assert.NotEqual("", Run(capture, "infiniband.bth && frame.number < 100"));
        Assert.Equal("", Run(capture, "_ws.malformed"));
    }

    /// <summary>One line for each packet that fits a display filter.</summary>
    public static string Run(string capture, string filter, params string[] more)
    {
        // The RPC-over-RDMA heuristic takes small SENDs of any protocol for its own and then finds them malformed.
        string[] arguments = ["-r", capture, "-Y", filter, "--disable-heuristic", "rpcrdma_infiniband", .. more];
        var start = new ProcessStartInfo("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }
}
