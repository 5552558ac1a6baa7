using Weft.Target.Commands;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

/// <summary>
/// An SRP target, as ib_srpt is one: logical units, ports on RDMA devices, and the channels through which initiators use them. Everything is
/// called on the node's executor. Like the driver it never sends SRP_AER_REQ or SRP_T_LOGOUT: a channel that ends is disconnected, and a change of
/// units is told by a unit attention.
/// </summary>
public class SrpTarget
{
    private readonly List<SrpPort> ports = [];
    private readonly List<SrpChannel> channels = [];
    private Action? stopped;

    /// <exception cref="ArgumentException">A parameter is out of range.</exception>
    public SrpTarget(IExecutor executor, TargetDevice device, SrpTargetOptions? options = null, SrpObserver? observer = null)
    {
        (Executor, Device, Options, Observer) = (executor, device, options ?? new(), observer);
        if (Options.Problem() is { } problem) throw new ArgumentException(problem, nameof(options));
    }

    public IExecutor Executor { get; }
    /// <summary>The logical units, and who sees which.</summary>
    public TargetDevice Device { get; }
    public SrpTargetOptions Options { get; }
    public SrpObserver? Observer { get; set; }
    public IReadOnlyList<SrpPort> Ports => ports;
    /// <summary>Channels that still hold anything, in order of their logins.</summary>
    public IReadOnlyList<SrpChannel> Channels => channels;
    /// <summary>Logins are refused until set, with reason 0x10001.</summary>
    public bool IsEnabled { get; private set; }
    public bool IsStopping { get; private set; }

    public void Enable() => IsEnabled = true;

    /// <summary>Refuses logins and closes every channel.</summary>
    public void Disable()
    {
        IsEnabled = false;
        foreach (var channel in channels.ToArray()) channel.Close(CloseReason.Administrative);
    }

    /// <summary>
    /// Stops listening and closes every channel; calls back when nothing is left. Does not wait for peers to confirm: one that is gone would
    /// be waited for as long as its connection manager's retries take.
    /// </summary>
    public void Stop(Action? onStopped = null)
    {
        stopped += onStopped;
        IsStopping = true;
        foreach (var port in ports) port.StopListening();
        Disable();
        foreach (var channel in channels.ToArray()) channel.OnTargetStopping();
        StopIfDone();
    }

    internal void Add(SrpPort port) => ports.Add(port);

    internal void Remove(SrpPort port) => ports.Remove(port);

    internal void Add(SrpChannel channel)
    {
        channels.Add(channel);
        Observer?.ChannelAccepted(channel);
    }

    /// <summary>Nothing of the channel is left in the command core.</summary>
    internal void CommandsOver(SrpChannel channel)
    {
        foreach (var other in channels.ToArray()) other.OnPredecessorOver(channel);
    }

    internal void Released(SrpChannel channel)
    {
        channels.Remove(channel);
        Observer?.ChannelReleased(channel);
        StopIfDone();
    }

    private void StopIfDone()
    {
        if (!IsStopping || channels.Count > 0) return;
        foreach (var port in ports.ToArray()) port.Release();
        ports.Clear();
        var callback = stopped;
        stopped = null;
        callback?.Invoke();
    }
}
