using Weft.Protocol.Checksums;
using Weft.Protocol.Ib;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Ib;

public class IbFrameTests
{
    // LRH: VL 2, SL 5, BTH next, DLID 2, 7 words, SLID 3; RC SEND Only with four bytes.
    private const string Local = "2052 0002 0007 0003 0400 FFFF 0000 0012 8000 0ABC 68656C6C";
    // LRH: GRH next, DLID 0xC001, 17 words, SLID 7; GRH: TC 0x12, flow 0x34567, 20 bytes, next 0x1B, hop 1, fe80::1 to ff12::9.
    private const string Global =
        "0003 C001 0011 0007 6123 4567 0014 1B01 FE80000000000000 0000000000000001 FF12000000000000 0000000000000009 0400 FFFF 0000 0012 8000 0ABC 68656C6C";

    private static byte[] Frame(string hex)
    {
        var head = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        byte[] frame = [.. head, .. new byte[Icrc.Length + Vcrc.Length]];
        Icrc.Write(frame.AsSpan(head.Length), Icrc.ComputeLrh(head));
        IbFrame.WriteVcrc(frame);
        return frame;
    }

    public static TheoryData<string, bool> Frames => new() { { Local, false }, { Global, true } };

    [Theory, MemberData(nameof(Frames))]
    public void Its_parts_are_found_and_come_out_as_they_went_in(string hex, bool isGlobal)
    {
        var frame = Frame(hex);
        Assert.Equal(LinkFault.None, IbFrame.TryParse(frame, out var parts));
        Assert.Equal((isGlobal, isGlobal ? 48 : 8, frame.Length - 2), (parts.IsGlobal, parts.TransportOffset, parts.End));
        Assert.True(parts.IsIcrcCorrect(frame) && IbFrame.IsVcrcCorrect(frame));
        Assert.Equal(PacketFault.None, TransportPacket.TryParse(parts.Transport(frame), out var packet));
        var again = new byte[frame.Length];
        IbRewriter.Rewrite(frame, parts, packet, again);
        Assert.Equal(frame, again);
    }

    [Fact]
    public void An_envelope_writes_the_same_bytes()
    {
        var expected = Frame(Global);
        var buffer = new byte[128];
        expected.AsSpan(48, 16).CopyTo(buffer.AsSpan(60));
        var envelope = new IbEnvelope(0, 0, new(7), new(0xC001), true, Gid.Parse("fe80::1"), Gid.Parse("ff12::9"), 0x12, 0x34567, 1);
        var start = envelope.Wrap(buffer, 60, 76);
        Assert.Equal(12, start);
        Assert.Equal(expected, buffer[12..82]);
    }

    [Fact]
    public void Moving_to_another_lane_keeps_the_ICRC_and_renews_the_VCRC()
    {
        var frame = Frame(Local);
        var icrc = frame[^6..^2];
        IbFrame.SetLane(frame, 7);
        IbFrame.TryParse(frame, out var parts);
        Assert.Equal((7, 5), (IbFrame.LaneOf(frame), IbFrame.ServiceLevelOf(frame)));
        Assert.True(IbFrame.IsVcrcCorrect(frame) && parts.IsIcrcCorrect(frame));
        Assert.Equal(icrc, frame[^6..^2]);
    }

    [Theory]
    [InlineData(4, 0x01, LinkFault.Length), InlineData(5, 0x08, LinkFault.Length), InlineData(0, 0x21, LinkFault.Version), InlineData(1, 0x50, LinkFault.Raw)]
    [InlineData(1, 0x51, LinkFault.Raw), InlineData(1, 0x53, LinkFault.GlobalHeader)]
    public void What_the_first_header_says_is_checked(int at, byte value, LinkFault fault)
    {
        var frame = Frame(Local);
        frame[at] = value;
        Assert.Equal(fault, IbFrame.TryParse(frame, out _));
        Assert.NotEqual("none", fault.ToViolation(frame).Rule);
    }

    [Theory, InlineData(8, 0x51), InlineData(14, 0x11), InlineData(13, 0x20)]
    public void A_GRH_of_another_version_header_or_length_is_refused(int at, byte value)
    {
        var frame = Frame(Global);
        frame[at] = value;
        Assert.Equal(LinkFault.GlobalHeader, IbFrame.TryParse(frame, out _));
    }

    [Fact]
    public void No_bytes_make_it_throw_and_what_it_takes_lies_inside()
    {
        Fuzzer.Run([Frame(Local), Frame(Global)], input =>
        {
            IbFrame.IsVcrcCorrect(input);
            if (IbFrame.TryParse(input, out var parts) is var fault && fault != LinkFault.None)
            {
                if (input.Length > 0) fault.ToViolation(input);
                return;
            }
            if (parts.End + Vcrc.Length != input.Length) throw new InvalidOperationException("the end is elsewhere");
            parts.IsIcrcCorrect(input);
            if (TransportPacket.TryParse(parts.Transport(input), out var packet) != PacketFault.None) return;
            var again = new byte[input.Length];
            IbRewriter.Rewrite(input, parts, packet, again);
        });
    }

    [Fact]
    public void Every_single_bit_that_flips_is_seen_by_the_VCRC()
    {
        var frame = Frame(Global);
        for (var bit = 0; bit < frame.Length * 8; bit++)
        {
            frame[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(IbFrame.IsVcrcCorrect(frame));
            frame[bit >> 3] ^= (byte)(1 << (bit & 7));
        }
    }
}
