using Weft.Fabric.Sim.Explore;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Bench;

/// <summary>What the bench measures, by group.</summary>
internal sealed class Benchmarks(double seconds)
{
    private const double MiB = 1 << 20;
    private const int Headers = 62; // of a data packet: IP 20, UDP 8, BTH 12, RETH 16, and the eight bytes for the LRH: what the ICRC covers besides data
    private MachineLimits? machine;

    public static IReadOnlyList<string> Groups { get; } = ["machine", "packets", "commands", "throughput", "schedules", "scale", "link"];

    public MachineLimits Machine => machine ??= MachineLimits.Measure(Math.Min(seconds, 1));

    public IEnumerable<Measurement> Run(string group) => group switch
    {
        "machine" => Limits(),
        "packets" => Packets(),
        "commands" => Commands(),
        "throughput" => Throughput(),
        "schedules" => Schedules(),
        "scale" => Scale(),
        "link" => Link(),
        _ => throw new ArgumentException($"no group '{group}'", nameof(group)),
    };

    private IEnumerable<Measurement> Limits()
    {
        yield return new("machine", "memory copied, 4 KiB at a time", Machine.CopyBytes / MiB, "MiB/s");
        yield return new("machine", "CRC-32, 4 KiB at a time", Machine.CrcBytes / MiB, "MiB/s");
    }

    private IEnumerable<Measurement> Packets() =>
    [
        .. Packets("RDMA WRITE 1 KiB, MTU 1024", WorkOpcode.RdmaWrite, 1024, PathMtu.Mtu1024),
        .. Packets("RDMA WRITE 4 KiB, MTU 4096", WorkOpcode.RdmaWrite, 4096, PathMtu.Mtu4096),
        .. Packets("SEND 64 B, MTU 1024", WorkOpcode.Send, 64, PathMtu.Mtu1024),
    ];

    private IEnumerable<Measurement> Packets(string what, WorkOpcode opcode, int length, PathMtu mtu)
    {
        var rig = new PacketRig(opcode, length, mtu);
        var stretch = Stretch.Timed(seconds, counter: () => rig.Packets);
        rig.Run(stretch);
        // Of the data packets and acknowledgements that make up a message.
        var each = (double)stretch.Counter / stretch.Operations;
        yield return new("packets", what, stretch.PerSecond * each, "packets/s")
        {
            PerProcessorSecond = stretch.PerProcessorSecond * each, Goal = 1_000_000, Limit = each * Machine.Operations(2 * length, length + Headers),
            Note = FormattableString.Invariant($"{stretch.PerProcessorSecond:N0} messages per processor second, {each:0.00} packets each, acknowledgements included"),
        };
        yield return new("packets", $"{what}: allocated", stretch.BytesPerOperation / each, "bytes/packet") { Goal = 0, IsCost = true };
    }

    private IEnumerable<Measurement> Commands() =>
    [
        .. Commands("4 KiB reads, 32 deep", isWrite: false), .. Commands("4 KiB writes, 32 deep", isWrite: true),
        .. Commands("SRP 4 KiB reads, 32 deep", isWrite: false, overSrp: true), .. Commands("SRP 4 KiB writes, 32 deep", isWrite: true, overSrp: true),
    ];

    private IEnumerable<Measurement> Commands(string what, bool isWrite, bool overSrp = false)
    {
        const int Length = 4096;
        var stretch = Load(1, 32, Length, isWrite, overSrp);
        yield return new("commands", what, stretch.PerSecond, "commands/s")
        {
            // The data is moved between store and buffer, into the packet and out of it.
            PerProcessorSecond = stretch.PerProcessorSecond, Goal = 150_000, Limit = Machine.Operations(3 * Length, Length + Headers),
        };
        yield return new("commands", $"{what}: allocated", stretch.BytesPerOperation, "bytes/command") { Goal = 0, IsCost = true };
    }

    private IEnumerable<Measurement> Throughput()
    {
        foreach (var isWrite in new[] { false, true })
        {
            const int Length = 256 * 1024;
            const double InMiB = Length / MiB;
            var stretch = Load(1, 8, Length, isWrite);
            yield return new("throughput", $"256 KiB {(isWrite ? "writes" : "reads")}, 8 deep", stretch.PerSecond * InMiB, "MiB/s")
            {
                PerProcessorSecond = stretch.PerProcessorSecond * InMiB, Limit = Machine.Operations(3 * Length, Length + 64 * Headers) * InMiB,
            };
        }
    }

    private Stretch Load(int initiators, int depth, int length, bool isWrite, bool overSrp = false)
    {
        var stretch = Stretch.Timed(seconds, warmUp: Math.Max(1000, 4 * initiators * depth));
        new CommandLoad(initiators, depth, length, isWrite, stretch, overSrp).Run();
        return stretch;
    }

    private IEnumerable<Measurement> Schedules()
    {
        var scenario = ScenarioCatalog.Find("login-before-established")!;
        var settings = Settings.TryCreate(scenario.Settings, ["io=0"], out _)!;
        foreach (var (name, goal) in new[] { ("random", (double?)4000), ("exhaustive", null) })
        {
            var stretch = Stretch.Timed(seconds, warmUp: name == "random" ? 15_000 : 1_000); // all of the stack takes part, and the compiler needs long for it
            for (var seed = 1ul; !stretch.IsOver; seed++)
            {
                var report = Campaign.CreateExplorer(scenario, settings).Explore(
                    Strategies.TryCreate(name, seed)!, new ExplorationOptions { Budget = long.MaxValue, Continue = _ => stretch.Done() });
                if (report.Failed > 0) throw new InvalidOperationException($"{scenario.Name} fails: {report.Failures[0].Result.Reason}");
            }
            yield return new("schedules", $"login schedules, {name}", stretch.PerSecond, "schedules/s")
            {
                PerProcessorSecond = stretch.PerProcessorSecond, Goal = goal,
                Note = FormattableString.Invariant($"{stretch.BytesPerOperation:N0} bytes allocated per schedule; login alone (io=0), wire checks on; warmed up by many thousands"),
            };
        }
    }

    /// <summary>
    /// Each initiator with a command under way at least. One initiator with as many commands as a thousand have together tells which part of the
    /// growth comes with the commands.
    /// </summary>
    private IEnumerable<Measurement> Scale()
    {
        const int Usual = 32;
        var first = 0.0;
        foreach (var (count, depth) in new[] { (1, Usual), (1, 1000), (10, Usual / 10), (100, 1), (1000, 1) })
        {
            var stretch = Load(count, depth, 4096, isWrite: false);
            var cost = 1e6 / stretch.PerProcessorSecond;
            if (first == 0) first = cost;
            yield return new("scale", $"4 KiB read, {count:N0} initiator{(count == 1 ? "" : "s")} at one target, {depth:N0} deep", cost, "us/command")
            {
                Goal = count == 1 ? null : first * 4 / 3, IsCost = true,
                Note = FormattableString.Invariant($"{cost / first:0.00} times the cost with one, {Usual} deep; by processor time"),
            };
        }
    }

    /// <summary>
    /// Over a veth pair: the engine at both ends, beside the same frames by sendmmsg and recvmmsg alone. By turns, and the middle of many short
    /// ones counts: two threads on a machine with other work are now and then in each other's way, and which of the two ways that meets is chance.
    /// </summary>
    private IEnumerable<Measurement> Link()
    {
        const int Message = 64 * 1024, Packets = Message / 4096, Turns = 12;
        const int FrameLength = 14 + 20 + 8 + 12 + 4096 + 4; // of a middle packet: Ethernet, IPv4, UDP, BTH, data, ICRC
        const double Gap = 0.25; // what the engine may cost of the frame rate
        var (plain, engine) = (new Stretch[Turns], new Stretch[Turns]);
        var bytes = double.PositiveInfinity;
        for (var i = -1; i < Turns; i++) // the first turn is for the compiler
        {
            using var links = VethPair.Create(4096 + 104);
            var plainStretch = Stretch.Timed(seconds / Turns);
            new PlainLoop(links.A, links.B, FrameLength, LinkRig.Depth * Packets, Packets).Run(arrived => plainStretch.Done(arrived));
            var stretch = Stretch.Timed(i < 0 ? Math.Min(seconds, 1) : seconds / Turns);
            var rig = new LinkRig(links, Message, PathMtu.Mtu4096);
            rig.Run(stretch);
            if (i < 0) continue;
            (plain[i], engine[i]) = (plainStretch, stretch);
            bytes = Math.Min(bytes, (double)rig.AllocatedBytes / stretch.Operations / Packets); // the least: the runtime allocates when it compiles
        }
        var limit = Median.Of(plain.Select(s => s.PerProcessorSecond));
        yield return new("link", "veth: sendmmsg and recvmmsg alone, 4 KiB frames", Median.Of(plain.Select(s => s.PerSecond)), "frames/s") { PerProcessorSecond = limit };
        var ratios = engine.Zip(plain, (e, p) => e.PerSecond * Packets / p.PerSecond).Order().ToList();
        yield return new("link", "veth: RDMA WRITE 64 KiB, MTU 4096", Median.Of(engine.Select(s => s.PerSecond)) * Packets, "frames/s")
        {
            PerProcessorSecond = Median.Of(engine.Select(s => s.PerProcessorSecond)) * Packets, Goal = limit * (1 - Gap), Limit = limit,
            Note = FormattableString.Invariant($"{Median.Of(ratios):0.00} of the plain loop's rate by the clock, {ratios[0]:0.00} to {ratios[^1]:0.00} in {Turns} turns; limit: the plain loop; two threads"),
        };
        yield return new("link", "veth: RDMA WRITE: allocated", bytes, "bytes/frame") { Goal = 0, IsCost = true };
    }
}
