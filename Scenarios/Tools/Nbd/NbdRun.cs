using System.Net;
using System.Threading;
using Weft.Fabric.Execution;
using Weft.Initiator;
using Weft.Protocol.Nbd;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Live;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>An export from its first client to the orderly end: clients first, then the session, then the count of what is left.</summary>
internal sealed class NbdRun(LiveDevice device, InitiatorHost host)
{
    /// <summary>How long requests under way are waited for at the end.</summary>
    private static readonly Duration DrainLimit = Duration.FromSeconds(10);

    private NbdService? service;

    /// <summary>Serves until the token is cancelled or the session is given up.</summary>
    public async Task<int> ServeAsync(EndPoint address, NbdExport export, NbdUnit unit, InitiatorSession session, CancellationToken cancel)
    {
        var ended = new Completion<bool>(device.Executor.CreateLane("nbd end", ChoiceKind.Dispatch), "nbd end");
        session.StateChanged += changed =>
        {
            Out.Line($"{device.Executor.Now} session {changed.State}{(changed.LastProblem is { } problem && changed.State != SessionState.LoggedIn ? $": {problem}" : "")}");
            if (changed.State == SessionState.Closed) ended.TrySetResult(false);
        };
        using var registration = cancel.Register(() => ended.TrySetResult(true));
        service = new NbdService(device.Executor, address, export, unit);
        Out.Line($"{export.Description}, {ByteSize.Format((long)export.Size)}{(export.IsReadOnly ? ", read-only" : "")}");
        Out.Line($"{service.Uri} Ctrl-C ends");
        return await ended.Task ? ExitCode.Success : Out.Failure($"the session is given up: {session.LastProblem}");
    }

    public async Task CloseAsync()
    {
        if (service is not null && !await service.DrainAsync(DrainLimit)) Console.Error.WriteLine($"weft: requests were still under way after {DrainLimit}: they fail");
        await host.CloseAsync();
        service?.Dispose();
    }

    /// <summary>The exit code: Ctrl-C is how an export ends well, if nothing of it is left in the device.</summary>
    public int End(int code)
    {
        if (service is not null) Out.Line($"stopped, {service.Accepted} client{(service.Accepted == 1 ? "" : "s")} served");
        if (code != ExitCode.Interrupted || service is null) return code;
        return device.Device.Resources == default ? ExitCode.Success : Out.Failure($"left behind: {device.Device.Resources}");
    }
}
