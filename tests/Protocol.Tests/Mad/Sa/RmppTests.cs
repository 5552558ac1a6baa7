using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Mad.Sa;

public class RmppTests
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(0x5A5A_21C0, 7).WithMaxTest(200);

    private static byte[] Header()
    {
        var header = new byte[SaHeader.DataOffset];
        new MadHeader(MadClass.SubnetAdministration, SaHeader.ClassVersion, MadMethod.GetTableResponse, (ushort)SaAttribute.NodeRecord, 0x1234).Write(header);
        new SaHeader(0, 14, 0).Write(header);
        return header;
    }

    private static byte[] Records(int length) => Enumerable.Range(0, length).Select(i => (byte)(i * 7 + i / 200)).ToArray();

    private static byte[] Segment(string rmpp, byte fill = 0)
    {
        var mad = new byte[256];
        Header().CopyTo(mad, 0);
        Convert.FromHexString(rmpp.Replace(" ", "", StringComparison.Ordinal)).CopyTo(mad, RmppHeader.Offset);
        mad.AsSpan(SaHeader.DataOffset).Fill(fill);
        return mad;
    }

    private static string Rmpp(ReadOnlySpan<byte> mad) => Convert.ToHexStringLower(mad.Slice(RmppHeader.Offset, RmppHeader.Length));

    [Fact]
    public void Segments_keep_to_the_window_and_carry_their_lengths()
    {
        var sender = new RmppSender(Header(), Records(450), RmppLimits.Default);
        var mad = new byte[256];
        Assert.True(sender.TryTake(mad, Instant.Zero));
        Assert.Equal("0101fb0000000001" + "000001fe", Rmpp(mad)); // first: 450 bytes and three SA headers of 20
        Assert.False(sender.TryTake(mad, Instant.Zero)); // the window is 1 until the receiver opens it
        RmppHeader.TryRead(Segment("0102f9000000000100000003"), out var ack);
        sender.OnMad(ack, Instant.Zero);
        Assert.True(sender.TryTake(mad, Instant.Zero));
        Assert.Equal("0101f900" + "00000002" + "00000000", Rmpp(mad));
        Assert.True(sender.TryTake(mad, Instant.Zero));
        Assert.Equal("0101fd00" + "00000003" + "00000046", Rmpp(mad)); // last: 50 bytes and its SA header
        Assert.Equal(Records(450).AsSpan(400), mad.AsSpan(SaHeader.DataOffset, 50));
        RmppHeader.TryRead(Segment("0102f9000000000300000003"), out ack);
        sender.OnMad(ack, Instant.Zero);
        Assert.Equal((RmppState.Done, Instant.Never), (sender.State, sender.Deadline));
    }

    [Fact]
    public void A_single_segment_is_first_and_last()
    {
        var mad = new byte[256];
        Assert.True(new RmppSender(Header(), Records(112), RmppLimits.Default).TryTake(mad, Instant.Zero));
        Assert.Equal("0101ff000000000100000084", Rmpp(mad));
        Assert.True(new RmppSender(Header(), default, RmppLimits.Default).TryTake(mad, Instant.Zero));
        Assert.Equal("0101ff000000000100000014", Rmpp(mad)); // no records: the SA header alone
    }

    [Theory]
    [InlineData("0201fb00 00000001 000001fe", RmppStatus.UnsupportedVersion)]
    [InlineData("0105fb00 00000001 000001fe", RmppStatus.BadType)]
    [InlineData("0101f900 00000001 000001fe", RmppStatus.InconsistentFirstAndSegmentNumber)]
    [InlineData("0101fb00 00000002 000001fe", RmppStatus.InconsistentFirstAndSegmentNumber)]
    [InlineData("0101fb00 00000000 000001fe", RmppStatus.InconsistentFirstAndSegmentNumber)]
    [InlineData("0101f900 00000002 00000000", RmppStatus.SegmentNumberTooBig)]
    [InlineData("0101ff00 00000001 00000013", RmppStatus.InconsistentLastAndPayloadLength)]
    [InlineData("0101ff00 00000001 000000dd", RmppStatus.InconsistentLastAndPayloadLength)]
    [InlineData("0101fb07 00000001 000001fe", RmppStatus.IllegalStatus)]
    public void A_receiver_aborts_what_breaks_the_rules(string rmpp, RmppStatus expected)
    {
        var receiver = new RmppReceiver(RmppLimits.Default);
        receiver.OnMad(Segment(rmpp), Instant.Zero);
        Assert.Equal((RmppState.Failed, expected), (receiver.State, receiver.Status));
        var mad = new byte[256];
        Assert.True(receiver.TryTake(mad));
        Assert.Equal($"0104f9{(byte)expected:x2}0000000000000000", Rmpp(mad));
        Assert.False(receiver.TryTake(mad));
    }

    [Fact]
    public void A_repeated_segment_is_acknowledged_again_even_after_the_end()
    {
        var receiver = new RmppReceiver(RmppLimits.Default);
        var segment = Segment("0101ff00 00000001 00000018", 9);
        var mad = new byte[256];
        for (var i = 0; i < 2; i++)
        {
            receiver.OnMad(segment, Instant.Zero);
            Assert.True(receiver.TryTake(mad));
            Assert.StartsWith("0102f90000000001", Rmpp(mad), StringComparison.Ordinal);
        }
        Assert.Equal([9, 9, 9, 9], receiver.Records.ToArray());
    }

    [Fact]
    public void A_sender_believes_no_impossible_acknowledgement_and_gives_up_in_the_end()
    {
        var sender = new RmppSender(Header(), Records(1000), RmppLimits.Default);
        var mad = new byte[256];
        Assert.True(sender.TryTake(mad, Instant.Zero));
        RmppHeader.TryRead(Segment("0102f900 00000004 00000008"), out var ack);
        sender.OnMad(ack, Instant.Zero);
        Assert.Equal((RmppState.Failed, RmppStatus.SegmentNumberTooBig), (sender.State, sender.Status));
        Assert.True(sender.TryTake(mad, Instant.Zero));
        Assert.Equal("0104f97b0000000000000000", Rmpp(mad));

        sender = new RmppSender(Header(), Records(1000), RmppLimits.Default);
        var sent = 0;
        while (sender.State == RmppState.Active)
        {
            while (sender.TryTake(mad, Instant.Zero)) sent++;
            sender.OnTimeout(sender.Deadline);
        }
        Assert.Equal((1 + RmppLimits.Default.MaxRetries, RmppStatus.TooManyRetries), (sent, sender.Status));
    }

    [Fact]
    public void A_receiver_bounds_its_memory_and_its_patience()
    {
        var receiver = new RmppReceiver(new RmppLimits { MaxLength = 200 });
        receiver.OnMad(Segment("0101fb00 00000001 000001fe"), Instant.Zero);
        receiver.OnMad(Segment("0101fd00 00000002 00000018"), Instant.Zero);
        Assert.Equal(RmppStatus.ResourcesExhausted, receiver.Status);
        receiver = new RmppReceiver(RmppLimits.Default);
        receiver.OnMad(Segment("0101fb00 00000001 000001fe"), Instant.Zero);
        receiver.OnTimeout(receiver.Deadline - Duration.FromNanoseconds(1));
        Assert.Equal(RmppState.Active, receiver.State);
        receiver.OnTimeout(receiver.Deadline);
        Assert.Equal(RmppStatus.TotalTimeTooLong, receiver.Status);
    }

    /// <summary>Whatever is lost, doubled or turned round on the way: the records arrive, or both sides know that they did not.</summary>
    [Fact]
    public void Records_survive_loss_duplication_and_reordering() => Check.One(Repeatable, Prop.ForAll(
        Gen.Choose(0, 40_000).ToArbitrary(), Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), (length, seed) =>
        {
            var random = new Random(seed);
            var limits = new RmppLimits { Window = random.Next(1, 20), MaxRetries = 100 };
            var records = Records(length);
            var sender = new RmppSender(Header(), records, limits);
            var receiver = new RmppReceiver(limits);
            var now = Instant.Zero;
            var mad = new byte[256];
            for (var round = 0; sender.State == RmppState.Active; round++)
            {
                Assert.True(round < 20_000);
                var flight = new List<byte[]>();
                while (sender.TryTake(mad, now))
                    for (var copies = random.Next(10) switch { 0 => 0, 1 => 2, _ => 1 }; copies > 0; copies--) flight.Insert(random.Next(4) == 0 ? random.Next(flight.Count + 1) : flight.Count, mad.ToArray());
                foreach (var packet in flight)
                {
                    receiver.OnMad(packet, now);
                    while (receiver.TryTake(mad))
                    {
                        if (random.Next(10) == 0) continue;
                        Assert.True(RmppHeader.TryRead(mad, out var ack));
                        sender.OnMad(ack, now);
                    }
                }
                if (sender.State == RmppState.Active && flight.Count == 0)
                {
                    now = sender.Deadline;
                    sender.OnTimeout(now);
                }
            }
            Assert.Equal((RmppState.Done, RmppState.Done), (sender.State, receiver.State));
            Assert.Equal(records, receiver.Records.ToArray());
        }));

    [Fact]
    public void No_sequence_of_datagrams_makes_either_half_throw()
    {
        var receiver = new RmppReceiver(RmppLimits.Default);
        var sender = new RmppSender(Header(), Records(3000), RmppLimits.Default);
        var (now, count) = (Instant.Zero, 0);
        var corpus = new List<byte[]> { Segment("0101fb00 00000001 000001fe"), Segment("0101f900 00000002 00000000"), Segment("0101fd00 00000003 00000046"),
            Segment("0102f900 00000001 00000010"), Segment("0103f901 00000000 00000000"), Segment("0104f976 00000000 00000000") };
        Fuzzer.Run(corpus, input =>
        {
            var mad = new byte[256];
            now += Duration.FromMilliseconds(200);
            receiver.OnMad(input, now);
            receiver.OnTimeout(now);
            if (RmppHeader.TryRead(input, out var rmpp)) sender.OnMad(rmpp, now);
            sender.OnTimeout(now);
            for (var i = 0; receiver.TryTake(mad); i++) Assert.True(i < 2);
            for (var i = 0; sender.TryTake(mad, now); i++) Assert.True(i <= 64);
            if (receiver.State != RmppState.Active && ++count % 8 == 0) receiver = new(RmppLimits.Default);
            if (sender.State != RmppState.Active) sender = new(Header(), Records(3000), RmppLimits.Default);
        });
    }
}
