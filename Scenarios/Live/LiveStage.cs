using Weft.Fabric.Capture;
using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Wire;
using Weft.Protocol.Capture;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Live;

/// <summary>
/// Real links and real time: one loop runs the steps and every host, each host on a network interface of its own. Nothing is chosen here but
/// what the steps draw, which comes from the seed.
/// </summary>
internal sealed class LiveStage : IStage, IDisposable
{
    /// <summary>A run that takes longer is stuck.</summary>
    private static readonly Duration Limit = Duration.FromSeconds(300);
    /// <summary>The longest a connection that ended in order may linger: TIMEWAIT, and a DREQ that is repeated.</summary>
    private static readonly Duration Lingering = Duration.FromSeconds(60);

    private sealed record Condition(Func<bool> Holds, Signal Signal, Fabric.Execution.Timer? Deadline);

    private readonly HwExecutor executor = new("live");
    private readonly ILane script;
    private readonly Queue<string> interfaces;
    private readonly string captureAt;
    private readonly PcapngWriter capture;
    private readonly List<SocketLink> links = [];
    private readonly List<ImpairedLink> impaired = [];
    private readonly List<Condition> conditions = [];
    private RunResult? result;
    private Exception? usage;
    private Instant start;

    /// <param name="interfaces">Names of network interfaces, one for each host in the order of their making.</param>
    /// <param name="captureAt">The host whose frames are captured.</param>
    public LiveStage(IEnumerable<string> interfaces, string captureAt, PcapngWriter capture, ulong seed)
    {
        (this.interfaces, this.captureAt, this.capture) = (new(interfaces), captureAt, capture);
        script = executor.CreateLane("script", ChoiceKind.Script);
        Chooser = new SeededChooser(seed);
    }

    public Instant Now => executor.Now;
    public IChooser Chooser { get; }
    public long FramesLost => impaired.Sum(l => l.Lost);
    public long FramesDisturbed => impaired.Sum(l => l.Duplicated + l.Reordered);
    public bool WasInterrupted { get; private set; }

    /// <summary>Ends the run, from any thread.</summary>
    public void Interrupt()
    {
        WasInterrupted = true;
        executor.Stop();
    }

    /// <summary>Runs the steps to their end.</summary>
    /// <exception cref="LinkException">A link is missing or cannot be opened.</exception>
    public RunResult Run(Func<Task> steps)
    {
        executor.PostFromOutside(() =>
        {
            start = executor.Now;
            Watch(StepsAsync(steps));
        });
        try
        {
            executor.Run(IsOver);
        }
        catch (Exception e)
        {
            End(RunOutcome.Failed, e.Message, "", e);
        }
        if (usage is not null) throw usage;
        return result ?? Result(RunOutcome.Failed, "interrupted", "interrupted", null);
    }

    private async Task StepsAsync(Func<Task> steps)
    {
        await steps();
        End(RunOutcome.Passed, "", "", null);
    }

    public ScenarioHost AddHost(string name, Gid address, SimHostOptions options, Settings settings, ScenarioParts parts)
    {
        if (!interfaces.TryDequeue(out var chosen))
            throw new LinkException($"no link is left for host '{name}' (number {links.Count + 1}): give one --link eth:IFACE for each, all on one wire");
        var socket = PacketSocketLink.Open(chosen);
        links.Add(socket);
        executor.Add(socket);
        var wire = Impair(socket, settings);
        if (name == captureAt) wire = CaptureTap.Around(wire, executor, capture);
        var host = new LiveHost(executor, name, address, options);
        IExecutor own = options.QpNumbers > 0 ? new FewQpNumbers(executor, name, options.QpNumbers) : executor;
        var device = parts.CreateDevice(own, new RoceDeviceOptions
        {
            Name = name, Limits = options.Engine, Ports = [new() { Mac = new(0x0277_0000_0000UL | address.IPv4), Addresses = [address] }],
        }, wire);
        host.Device = parts.WrapDevice(options.Wrap?.Invoke(device) ?? device);
        return host;
    }

    private ILink Impair(SocketLink socket, Settings settings)
    {
        var rates = new Impairments
        {
            LossPpm = (int)settings.Get(CommonSettings.Loss), DuplicatePpm = (int)settings.Get(CommonSettings.Duplication),
            ReorderPpm = (int)settings.Get(CommonSettings.Reordering), Seed = (ulong)links.Count,
        };
        if (rates is { LossPpm: 0, DuplicatePpm: 0, ReorderPpm: 0 }) return socket;
        var bad = new ImpairedLink(socket, executor, rates);
        impaired.Add(bad);
        return bad;
    }

    public ValueTask Delay(Duration duration)
    {
        var signal = NewSignal($"{duration} to pass");
        executor.CreateTimer("delay", () => signal.TrySet()).Arm(executor.Now + duration);
        return signal.Task;
    }

    public ValueTask Until(Func<bool> condition, string what) => Until(condition, what, Limit);

    public ValueTask Until(Func<bool> condition, string what, Duration within)
    {
        if (condition()) return default;
        var signal = NewSignal(what);
        var deadline = executor.CreateTimer("deadline", () => signal.TrySetException(new TimeoutException($"not within {within}: {what}")));
        conditions.Add(new(condition, signal, deadline));
        deadline.Arm(executor.Now + within);
        return signal.Task;
    }

    public Signal NewSignal(string what) => new(script, what);

    public async void Watch(Task task)
    {
        try
        {
            await task;
        }
        catch (LinkException e)
        {
            usage = e;
            End(RunOutcome.Failed, e.Message, "", e);
        }
        catch (Exception e)
        {
            End(RunOutcome.Failed, e.Message, (e as ClaimException)?.Rule ?? "", e);
        }
    }

    public void Fail(string rule, string why) => End(RunOutcome.Failed, why, rule, null);

    public void OpenOrder()
    {
    }

    public void CloseOrder()
    {
    }

    public async ValueTask Rest(IReadOnlyList<ScenarioHost> hosts)
    {
        try
        {
            await Until(() => Restless(false).Length == 0 && hosts.All(h => h.Device.Resources == default), "everything to come to rest", Lingering);
        }
        catch (TimeoutException)
        {
            // Whoever asked sees what is left.
        }
    }

    public string Restless(bool exceptHeldFrames)
    {
        var armed = executor.ArmedTimers.Where(t => t.Name != "deadline").Select(t => t.Name).ToList();
        return armed.Count == 0 ? "" : $"armed timers: {string.Join(", ", armed)}";
    }

    private bool IsOver()
    {
        for (var i = 0; i < conditions.Count && result is null; i++)
        {
            var (holds, signal, deadline) = conditions[i];
            if (!signal.IsCompleted && !holds()) continue;
            conditions.RemoveAt(i--);
            deadline?.Cancel();
            signal.TrySet();
        }
        if (executor.Now - start > Limit && result is null) End(RunOutcome.TimeLimit, $"not over within {Limit}", "time-limit", null);
        return result is not null;
    }

    private void End(RunOutcome outcome, string reason, string rule, Exception? exception) => result ??= Result(outcome, reason, rule, exception);

    private RunResult Result(RunOutcome outcome, string reason, string rule, Exception? exception) => new(outcome, new()
    {
        FramesSent = links.Sum(l => l.Sent), FramesDelivered = links.Sum(l => l.Received), FramesDropped = links.Sum(l => l.SendDropped) + FramesLost,
        FramesLost = FramesLost, FramesDisturbed = FramesDisturbed, Time = Instant.Zero + (executor.Now - start),
    }, reason, rule, exception);

    public void Dispose()
    {
        executor.Dispose();
        foreach (var link in links) link.Dispose();
    }
}
