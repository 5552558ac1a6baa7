using System.CommandLine;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools;
using Weft.Scenarios.Tools.Perf;

namespace Weft.Scenarios.Commands;

/// <summary>One subcommand of <c>weft perf</c>: perftest's options, as far as this program has them, with perftest's defaults.</summary>
internal sealed class PerfCommandOptions
{
    private readonly PerfVerb verb;
    private readonly bool isLatency;
    private readonly Argument<string?> host = new("host") { Description = "The server; without it, be the server.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<ushort> port = new("-p", "--port") { Description = "Port, of TCP or of the RDMA CM.", DefaultValueFactory = _ => PerfOptions.DefaultPort };
    private readonly Option<string?> listen = new("--oob") { Description = "Server: the address to listen on, of this host for TCP, of the device with -R. Default: every one.", HelpName = "address" };
    private readonly Option<int?> size = new("-s", "--size") { Description = "Bytes of a message. Default: 65536, for latency 2, for atomics 8." };
    private readonly Option<int?> iterations = new("-n", "--iters") { Description = $"Messages of each queue pair, at least {PerfOptions.MinIterations}. Default: 1000, for write_bw 5000." };
    private readonly Option<int?> duration = new("-D", "--duration") { Description = "Run for so many seconds instead; the first and the last quarter are not counted.", HelpName = "seconds" };
    private readonly Option<int?> transmit = new("-t", "--tx-depth") { Description = "Requests under way at once. Default: 128, for latency 1." };
    private readonly Option<int?> receive = new("-r", "--rx-depth") { Description = "Receives posted at once. Default: 512." };
    private readonly Option<int?> mtu = new("-m", "--path-mtu") { Description = "Path MTU: 256 to 4096. Default: the link's; the smaller of both sides counts.", HelpName = "bytes" };
    private readonly Option<int> pairs = new("-q", "--qp") { Description = "Queue pairs.", DefaultValueFactory = _ => 1 };
    private readonly Option<int?> moderation = new("-Q", "--cq-mod") { Description = "One completion for so many requests. Default: 100, 1 for messages longer than 8192." };
    private readonly Option<bool> both = new("-b", "--bidirectional") { Description = "Both sides send." };
    private readonly Option<bool> events = new("-e", "--events") { Description = "Sleep until there are completions; default: poll." };
    private readonly Option<int?> gid = new("-x", "--gid-index") { Description = "Index of our GID. Default: the first address given." };
    private readonly Option<bool> all = new("-a", "--all") { Description = "All sizes from 2 bytes to 8 MiB." };
    private readonly Option<string> connection = new("-c", "--connection")
    {
        Description = "Connection type: RC, UC, or for SENDs UD. Without -R unless RC.", DefaultValueFactory = _ => "RC", HelpName = "RC|UC|UD",
    };
    private readonly Option<string> atomic = new("-A", "--atomic_type") { Description = "CMP_AND_SWAP or FETCH_AND_ADD.", DefaultValueFactory = _ => "FETCH_AND_ADD" };
    private readonly Option<int?> outstanding = new("-o", "--outs") { Description = "READs and atomics at once. Default: 128." };
    private readonly Option<bool> cm = new("-R", "--rdma_cm") { Description = "Talk and connect through the RDMA CM; HOST is the RDMA address." };
    private readonly Option<bool> noPeak = new("-N", "--noPeak") { Description = "Do not look for the peak (which is looked for up to 20000 messages)." };
    private readonly Option<bool> frequency = new("-F", "--CPU-freq") { Description = "Accepted for perftest's sake: the clock here does not depend on the processor's frequency." };
    private readonly Option<bool> gigabits = new("--report_gbits") { Description = "Report Gbit/s instead of MiB/s." };
    private readonly Option<byte> trafficClass = new("--tclass") { Description = "Traffic class of the packets: DSCP and ECN bits. Without -R only.", DefaultValueFactory = _ => (byte)0, HelpName = "0..255" };
    private readonly Option<int> timeout = new("-u", "--qp-timeout") { Description = "Local ACK timeout, 4 us times 2 to this power. Without -R only.", DefaultValueFactory = _ => QueuePairSetup.DefaultTimeout, HelpName = "0..31" };
    private readonly Option<bool> json = CommonOptions.Json();
    private readonly LiveOptions live = new();

    public PerfCommandOptions(PerfVerb verb, bool isLatency)
    {
        (this.verb, this.isLatency) = (verb, isLatency);
        var name = $"{verb.ToString().ToLowerInvariant()}_{(isLatency ? "lat" : "bw")}";
        Command = new Command(name, $"{(isLatency ? "Latency" : "Bandwidth")} of {Describe(verb)}: ib_{name}.\n\nExamples:\n"
            + $"  weft perf {name} --link eth:veth0 --address 10.9.0.1/24\n  weft perf {name} 10.9.0.12 -R -n 2000 --link eth:veth0 --address 10.9.0.1/24")
        { host, port, listen, iterations, duration, mtu, events, gid, cm, frequency, trafficClass, timeout, json };
        if (verb != PerfVerb.Atomic) foreach (var option in new Option[] { size, all }) Command.Options.Add(option);
        else Command.Options.Add(atomic);
        if (verb is PerfVerb.Read or PerfVerb.Atomic) Command.Options.Add(outstanding);
        if (verb == PerfVerb.Send) Command.Options.Add(receive);
        if (verb is PerfVerb.Send or PerfVerb.Write) Command.Options.Add(connection);
        if (!isLatency) foreach (var option in new Option[] { transmit, pairs, moderation, both, noPeak, gigabits }) Command.Options.Add(option);
        live.AddTo(Command);
        Command.SetAction(parsed => PerfCommand.Run(live, parsed, device => Read(parsed, device), parsed.GetValue(host) ?? parsed.GetValue(listen), parsed.GetValue(port), parsed.GetValue(json)));
    }

    public Command Command { get; }

    private static string Describe(PerfVerb verb) => verb switch { PerfVerb.Send => "SENDs", PerfVerb.Write => "RDMA WRITEs", PerfVerb.Read => "RDMA READs", _ => "atomics" };

    /// <exception cref="FormatException">A value is out of range.</exception>
    private PerfOptions Read(ParseResult parsed, LiveDevice device)
    {
        var port1 = device.Device.QueryPort(1);
        var seconds = Within("-D", Of(duration) ?? 0, Of(duration) is null ? 0 : 1, 3600);
        var count = seconds > 0 ? 0 : Within("-n", Of(iterations) ?? (verb == PerfVerb.Write && !isLatency ? 5000 : 1000), PerfOptions.MinIterations, 100_000_000);
        var isAll = verb != PerfVerb.Atomic && parsed.GetValue(all);
        var transport = Transport(parsed);
        var bytes = verb == PerfVerb.Atomic ? 8 : isAll ? 1 << PerfOptions.MaxSizeBits : Within("-s", Of(size) ?? (isLatency ? 2 : 65536), 1, 1 << 30);
        var depth = isLatency ? 1 : Within("-t", Of(transmit) ?? 128, 1, device.Device.Attributes.MaxQpWr - 1);
        if (seconds > 0 && parsed.GetValue(events)) throw new FormatException("Duration mode doesn't work with events: give -D or -e");
        if (seconds > 0 && isAll) throw new FormatException("Duration mode doesn't run all sizes: give -D or -a");
        if (verb == PerfVerb.Write && isLatency && parsed.GetValue(events)) throw new FormatException("write_lat watches its memory: -e is for the other tests");
        if (verb == PerfVerb.Atomic && parsed.GetValue(atomic) is not ("CMP_AND_SWAP" or "FETCH_AND_ADD")) throw new FormatException("-A is CMP_AND_SWAP or FETCH_AND_ADD");
        if (count > 0) depth = Math.Min(depth, count);
        var receives = verb == PerfVerb.Send ? Within("-r", Of(receive) ?? (transport == QpType.ReliableConnected || count == 0 ? 512 : PerfOptions.MaxUnacknowledgedReceives), 1, device.Device.Attributes.MaxQpWr) : 1;
        var number = isLatency ? 1 : Within("-q", parsed.GetValue(pairs), 1, 1024);
        return new PerfOptions
        {
            Verb = verb, IsLatency = isLatency, Transport = transport, IsClient = parsed.GetValue(host) is not null, Size = bytes, IsSizeFree = isAll || Of(size) is null, Iterations = count, Seconds = seconds, TransmitDepth = depth,
            ReceiveDepth = count > 0 ? Math.Min(receives, count) : receives, Mtu = Of(mtu) is { } path ? ToolText.ParseMtu(path, port1) : port1.ActiveMtu, QueuePairs = number,
            CqModeration = Math.Min(Within("-Q", Of(moderation) ?? (bytes > 8192 && !isAll && !parsed.GetValue(events) ? 1 : 100), 1, 1024), depth),
            IsBidirectional = !isLatency && parsed.GetValue(both), UseEvents = parsed.GetValue(events), GidIndex = LocalGid.Choose(device.Device, Of(gid)),
            TrafficClass = parsed.GetValue(trafficClass), Timeout = (byte)Within("-u", parsed.GetValue(timeout), 0, 31), AllSizes = isAll, IsCompareSwap = verb == PerfVerb.Atomic && parsed.GetValue(atomic) == "CMP_AND_SWAP",
            OutstandingReads = Within("-o", Of(outstanding) ?? device.Device.Attributes.MaxQpInitRdAtomic, 1, device.Device.Attributes.MaxQpInitRdAtomic),
            UseCm = parsed.GetValue(cm), FindPeak = !isLatency && seconds == 0 && !parsed.GetValue(noPeak) && (long)count * number <= PerfOptions.MaxPeakIterations,
            InGigabits = !isLatency && parsed.GetValue(gigabits),
        };

        int? Of(Option<int?> option) => Command.Options.Contains(option) ? parsed.GetValue(option) : null;
    }

    /// <exception cref="FormatException">There is no such type, or not for this operation.</exception>
    private QpType Transport(ParseResult parsed)
    {
        if (!Command.Options.Contains(connection)) return QpType.ReliableConnected;
        QpType transport = parsed.GetValue(connection) switch
        {
            "RC" => QpType.ReliableConnected,
            "UC" => QpType.UnreliableConnected,
            "UD" => verb == PerfVerb.Send ? QpType.UnreliableDatagram : throw new FormatException("UD connection only possible in SEND verb"),
            var other => throw new FormatException($"-c is RC, UC or UD, not {other}"),
        };
        if (transport != QpType.ReliableConnected && parsed.GetValue(cm)) throw new FormatException("the RDMA CM (-R) connects RC only here: leave out -R, or -c");
        return transport;
    }

    private static int Within(string option, int value, int least, int most) =>
        value >= least && value <= most ? value : throw new FormatException($"{option} is {least}..{most}, not {value}");
}
