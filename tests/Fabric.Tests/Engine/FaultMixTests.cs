using Weft.Fabric.Engine;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine;

/// <summary>
/// A small mix of every operation in both directions, with a fault at each packet and at each pair of packets. What the consumers
/// see, byte for byte and completion for completion, must be what they see on a wire without faults. IBA Vol 1 §9.7.
/// </summary>
public class FaultMixTests
{
    private sealed record Outcome(string[] ACompletions, string[] BCompletions, byte[] AMemory, byte[] BMemory, int Packets);

    private static Outcome RunMix(Func<Seen, Fate>? policy, Setup? setup = null, EngineLimits? limits = null)
    {
        var rig = new Pairing(setup: setup, limits: limits, memorySize: 64 << 10);
        rig.Wire.Policy = policy;
        for (var i = 0; i < 8; i++)
        {
            rig.B.Receive((ulong)(100 + i), 50_000 + i * 1500, 1500);
            rig.A.Receive((ulong)(200 + i), 50_000 + i * 1500, 1500);
        }
        rig.A.Post(WorkOpcode.Send, 1, 0, 600);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 1000, 300, rig.B, 10_000);
        rig.A.Post(WorkOpcode.RdmaRead, 3, 20_000, 700, rig.B, 5000);
        rig.A.Atomic(4, 30_000, rig.B, 40_000, 5);
        rig.A.Post(WorkOpcode.SendWithImmediate, 5, 2000, 10, immediate: 77);
        rig.A.Atomic(6, 30_008, rig.B, 40_000, BitConverter.ToUInt64(rig.B.Bytes(40_000, 8)) + 5, swap: 123);
        rig.A.Post(WorkOpcode.RdmaWriteWithImmediate, 7, 3000, 520, rig.B, 12_000, immediate: 78);
        rig.B.Post(WorkOpcode.Send, 51, 7000, 300);
        rig.B.Post(WorkOpcode.RdmaRead, 52, 44_000, 500, rig.A, 9000);
        rig.B.Atomic(53, 45_000, rig.A, 41_000, 1);
        rig.A.Post(WorkOpcode.RdmaRead, 8, 22_000, 0, rig.B, 5000, SendFlags.Signaled | SendFlags.Fence);
        rig.A.Post(WorkOpcode.RdmaRead, 9, 23_000, 256, rig.B, 6000);
        rig.A.Post(WorkOpcode.Send, 10, 4000, 256);
        rig.Run();
        Assert.Equal(0, rig.Wire.Pool.Outstanding);
        Assert.Empty(rig.Executor.ArmedTimers);
        Assert.Equal((QpState.ReadyToSend, QpState.ReadyToSend), (rig.A.Qp.State, rig.B.Qp.State));
        return new(Text(rig.A), Text(rig.B), rig.A.Memory, rig.B.Memory, rig.Wire.Log.Count);
    }

    private static string[] Text(Side side) => [.. side.Sent().Concat(side.Received())
        .Select(c => $"{c.Id} {c.Status} {c.Opcode} {c.ByteLength} {c.Flags} {c.ImmediateOrKey}")];

    private static void Same(Outcome expected, Outcome actual, string what)
    {
        Assert.True(expected.ACompletions.SequenceEqual(actual.ACompletions), $"{what}: A's completions\n{string.Join('\n', actual.ACompletions)}");
        Assert.True(expected.BCompletions.SequenceEqual(actual.BCompletions), $"{what}: B's completions\n{string.Join('\n', actual.BCompletions)}");
        Assert.True(expected.AMemory.AsSpan().SequenceEqual(actual.AMemory), $"{what}: A's memory");
        Assert.True(expected.BMemory.AsSpan().SequenceEqual(actual.BMemory), $"{what}: B's memory");
    }

    private static readonly Lazy<Outcome> Clean = new(() => RunMix(null));

    [Fact]
    public void The_mix_without_faults_completes_everything()
    {
        Assert.Equal(10, Clean.Value.ACompletions.Count(c => c.Contains("Success") && ulong.Parse(c.Split(' ')[0]) <= 10));
        Assert.Equal(4, Clean.Value.BCompletions.Count(c => c.Contains("Receive")));
        Assert.All(Clean.Value.ACompletions.Concat(Clean.Value.BCompletions), c => Assert.Contains("Success", c));
    }

    [Theory, InlineData((int)Fate.Drop), InlineData((int)Fate.Duplicate), InlineData((int)Fate.Swap), InlineData((int)Fate.Echo)]
    public void Any_one_packet_may_suffer(int fate)
    {
        for (var i = 0; i < Clean.Value.Packets; i++)
            Same(Clean.Value, RunMix(s => s.Index == i ? (Fate)fate : Fate.Deliver), $"{(Fate)fate} {i}");
    }

    [Theory, InlineData((int)Fate.Drop, (int)Fate.Drop), InlineData((int)Fate.Drop, (int)Fate.Swap), InlineData((int)Fate.Drop, (int)Fate.Echo),
     InlineData((int)Fate.Swap, (int)Fate.Swap), InlineData((int)Fate.Echo, (int)Fate.Drop)]
    public void Any_two_packets_may_suffer(int first, int second)
    {
        // Beyond the packets of the clean run: what is sent to repair the first loss may be lost too.
        for (var i = 0; i < Clean.Value.Packets; i++)
            for (var j = i + 1; j < Clean.Value.Packets + 20; j++)
                Same(Clean.Value, RunMix(s => s.Index == i ? (Fate)first : s.Index == j ? (Fate)second : Fate.Deliver), $"{(Fate)first} {i}, {(Fate)second} {j}");
    }

    [Fact]
    public void Psns_wrap()
    {
        for (uint before = 0; before < 20; before++)
        {
            var setup = new Setup { PsnOfA = new(0x1000000 - before), PsnOfB = new(0x1000000 - before / 2) };
            Same(Clean.Value, RunMix(null, setup), $"wrap after {before}");
            Same(Clean.Value, RunMix(s => s.Index % 7 == 3 && s.Index < 60 ? Fate.Drop : Fate.Deliver, setup), $"wrap after {before} with loss");
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void Random_faults(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 1000; run++)
        {
            var rate = random.Next(2, 20);
            var faults = new Fate[400];
            for (var i = 0; i < faults.Length; i++) faults[i] = random.Next(100) < rate ? (Fate)random.Next(1, 5) : Fate.Deliver;
            var limits = new EngineLimits
            {
                UnackedWindow = random.Next(1, 20), AckRequestInterval = random.Next(1, 6), ReadFlight = random.Next(1, 5),
                ReadResponseBurst = random.Next(1, 4), AckCoalescing = random.Next(1, 4),
            };
            Same(Clean.Value, RunMix(s => s.Index < faults.Length ? faults[s.Index] : Fate.Deliver, new Setup { Depth = (byte)random.Next(1, 5) }, limits), $"seed {seed} run {run}");
        }
    }
}
