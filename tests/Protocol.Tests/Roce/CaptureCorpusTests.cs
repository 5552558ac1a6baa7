using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Tests.Roce;

/// <summary>Every RoCE frame that real peers sent parses, has a correct ICRC, and comes out of its values with identical bytes.</summary>
public sealed class CaptureCorpusTests
{
    private readonly record struct Counts(int Frames, int Roce, int BadIcrc, int Faulty);

    [Theory, MemberData(nameof(Corpus.All), MemberType = typeof(Corpus))]
    public void Capture(string name)
    {
        var counts = Count(name);
        // Only the capture taken under corruption may hold damaged frames: eleven, and one whose damage hides that it is RoCE.
        if (name == "iser-corrupt.pcap")
        {
            Assert.Equal(new Counts(490, 478, 11, 0), counts);
            return;
        }
        Assert.Equal(0, counts.BadIcrc);
        Assert.Equal(0, counts.Faulty);
        if (!name.StartsWith("tcp-", StringComparison.Ordinal)) Assert.NotEqual(0, counts.Roce);
    }

    private static Counts Count(string name)
    {
        var (roce, bad, faulty) = (0, 0, 0);
        var frames = Corpus.Frames(name);
        foreach (var frame in frames)
        {
            var fault = RoceFrame.TryParse(frame, out var parts);
            if (fault == FrameFault.NotRoce) continue;
            if (fault != FrameFault.None)
            {
                faulty++;
                continue;
            }
            if (!parts.IsIcrcCorrect(frame))
            {
                bad++;
                continue;
            }
            roce++;
            Assert.Equal(PacketFault.None, TransportPacket.TryParse(parts.Transport(frame), out var packet));
            var again = new byte[frame.Length];
            RoceRewriter.Rewrite(frame, parts, packet, again);
            Assert.Equal(frame, again);
            // The headers as the port writes them, from addresses and a few numbers, are those that Linux wrote.
            var envelope = parts.ReadEnvelope(frame);
            again.AsSpan(0, parts.TransportOffset).Clear();
            again.AsSpan(parts.IcrcOffset, 4).Clear();
            Assert.Equal(0, envelope.Wrap(again, parts.TransportOffset, parts.IcrcOffset));
            Assert.Equal(frame, again);
        }
        return new(frames.Count, roce, bad, faulty);
    }
}
