using Weft.Fabric.Sim;
using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;
using Weft.Scenarios.Captures;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Tests.Captures;

namespace Weft.Scenarios.Tests.Runner;

/// <summary>The rules of the wire watch every run.</summary>
public sealed class WireCheckObserverTests
{
    [Fact]
    public void What_the_scenarios_send_breaks_no_rule_and_is_written_back()
    {
        foreach (var scenario in ScenarioCatalog.All)
        {
            Assert.NotNull(Settings.TryCreate(scenario.Settings, [], out _));
            using var capture = new MemoryStream();
            ScenarioRunner.Run(scenario, new RunRequest { Settings = Settings.TryCreate(scenario.Settings, [], out _)!, Capture = capture });
            capture.Position = 0;
            var report = CaptureCheck.Run(capture, scenario.Name, isComplete: true);
            Assert.True(!report.HasProblems(allowDamaged: false), $"{scenario.Name}: {string.Join("\n", report.Violations.Concat<object>(report.Unread).Concat(report.Damaged))}");
        }
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "msn")]
    public void A_broken_rule_fails_the_run_and_says_where(int msnAhead, string rule)
    {
        var observer = new WireCheckObserver("a");
        var world = new World(new WorldOptions { Observer = observer });
        observer.Attach(world);
        var link = world.Connect(world.AddHost("a"), world.AddHost("b"));
        var result = world.Run(_ =>
        {
            var acks = 0;
            foreach (var bytes in Frames("rping.pcap"))
            {
                if (RoceFrame.TryParse(bytes, out var parts) == Protocol.Roce.FrameFault.None && (BthOpcode)bytes[parts.TransportOffset] == BthOpcode.RcAcknowledge && ++acks == 5)
                {
                    bytes[parts.TransportOffset + 15] += (byte)(msnAhead * 3);
                    Icrc.Write(bytes.AsSpan(parts.IcrcOffset), parts.ComputeIcrc(bytes));
                }
                var frame = world.Frames.Rent();
                bytes.CopyTo(frame.Buffer.AsSpan(frame.Start));
                frame.End = frame.Start + bytes.Length;
                link.A.Send(frame);
            }
            return Task.CompletedTask;
        });
        Assert.Equal(rule, result.Rule);
        Assert.Equal(rule.Length == 0, result.HasPassed);
        if (rule.Length > 0) Assert.Contains("at a, connection 1 (10.9.0.12 QP", result.Reason);
    }

    private static List<byte[]> Frames(string name)
    {
        using var stream = CaptureCorpus.Find(name).OpenRead();
        var reader = CaptureReader.Open(stream, out _)!;
        var frames = new List<byte[]>();
        while (reader.TryRead(out var packet)) frames.Add(packet.Data.ToArray());
        return frames;
    }
}
