using Weft.Protocol.Transport;

namespace Weft.Protocol.Tests.Transport;

/// <summary>Timers, counts and segmentation of reliable connections, against the specification's numbers.</summary>
public class TransportTableTests
{
    // IBA Vol 1 §9.7.5.2.8, in milliseconds; the values of Linux's enum ib_rnr_timeout.
    private static readonly double[] RnrMilliseconds =
    [
        655.36, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16, 0.24, 0.32, 0.48, 0.64, 0.96, 1.28, 1.92, 2.56, 3.84, 5.12, 7.68, 10.24, 15.36,
        20.48, 30.72, 40.96, 61.44, 81.92, 122.88, 163.84, 245.76, 327.68, 491.52,
    ];

    [Fact]
    public void Rnr_timer_codes()
    {
        for (var code = 0; code < 32; code++)
        {
            Assert.Equal((long)Math.Round(RnrMilliseconds[code] * 1e6), RnrTimer.Of(code).Nanoseconds);
            Assert.Equal(RnrTimer.Of(code), RnrTimer.Of(code + 32));
            Assert.Equal(code, RnrTimer.CodeFor(RnrTimer.Of(code)));
        }
        Assert.Equal(2, RnrTimer.CodeFor(Duration.FromMicroseconds(10.001)));
        Assert.Equal(0, RnrTimer.CodeFor(Duration.FromSeconds(2)));
    }

    [Theory, InlineData(1, 8_192), InlineData(14, 67_108_864), InlineData(18, 1_073_741_824), InlineData(31, 8_796_093_022_208)]
    public void Ack_timeout_codes(int code, long nanoseconds) => Assert.Equal(nanoseconds, AckTimeout.Of(code).Nanoseconds);

    [Fact]
    public void Ack_timeout_0_is_never() => Assert.True(AckTimeout.Of(0).IsInfinite);

    [Theory, InlineData(0, 1), InlineData(1, 1), InlineData(1024, 1), InlineData(1025, 2), InlineData(0x8000_0000, 1 << 21)]
    public void Packets_of_a_message(uint length, uint packets)
    {
        Assert.Equal(packets, Segmentation.PacketCount(length, 10));
        var total = 0UL;
        for (var i = 0u; i < Math.Min(packets, 5); i++) total += (ulong)Segmentation.PayloadLength(length, i, 10);
        if (packets <= 5) Assert.Equal(length, total);
    }

    [Fact]
    public void Pad_reaches_four_bytes() => Assert.Equal([0, 3, 2, 1, 0], Enumerable.Range(0, 5).Select(Segmentation.PadOf));

    [Fact]
    public void Retries_are_counted_and_refilled_by_progress()
    {
        var policy = new RetryPolicy(2, 7);
        Assert.True(policy.TryRetry());
        Assert.True(policy.TryRetry());
        Assert.False(policy.TryRetry());
        policy.OnProgress();
        Assert.True(policy.TryRetry());
        for (var i = 0; i < 1000; i++) Assert.True(policy.TryRnrRetry());
        policy = new(0, 6);
        Assert.False(policy.TryRetry());
        for (var i = 0; i < 6; i++) Assert.True(policy.TryRnrRetry());
        Assert.False(policy.TryRnrRetry());
    }
}
