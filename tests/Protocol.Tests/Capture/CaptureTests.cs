using Weft.Protocol.Capture;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Capture;

public sealed class CaptureTests
{
    // Little-endian pcap, microseconds: one packet of 3 bytes (of 60) at 1.000002 s.
    private const string PcapLittle = "D4C3B2A1 0200 0400 00000000 00000000 FFFF0000 01000000 01000000 02000000 03000000 3C000000 AABBCC";
    // Big-endian, nanoseconds, InfiniBand.
    private const string PcapBigNano = "A1B23C4D 0002 0004 00000000 00000000 0000FFFF 000000F7 00000001 00000002 00000003 00000003 AABBCC";
    // Section, interface "p1" with if_tsresol 9, EPB at 1 ns with comment "hi" and outbound, an unknown block, SPB.
    private const string Pcapng =
        "0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000" +
        "01000000 28000000 F700 0000 00000000 0200 0200 70310000 0900 0100 09000000 0000 0000 28000000" +
        "06000000 38000000 00000000 00000000 01000000 03000000 05000000 AABBCC00 0100 0200 68690000 0200 0400 02000000 0000 0000 38000000" +
        "BAD00000 10000000 12345678 10000000" +
        "03000000 14000000 03000000 11223300 14000000";
    // Big-endian section; interface with if_tsresol 0x8A (2^-10 s) and if_tsoffset 5 s; obsolete packet block at 2048 units.
    private const string PcapngBig =
        "0A0D0D0A 0000001C 1A2B3C4D 0001 0000 FFFFFFFFFFFFFFFF 0000001C" +
        "00000001 00000028 0001 0000 00000040 0009 0001 8A000000 000E 0008 0000000000000005 00000028" +
        "00000002 00000024 0000 0000 00000000 00000800 00000002 00000002 DDEE0000 00000024";

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static (List<(CapturedPacket Packet, byte[] Data)> Packets, CaptureReader? Reader, Violation? Error) ReadAll(byte[] file)
    {
        var packets = new List<(CapturedPacket, byte[])>();
        var reader = CaptureReader.Open(new MemoryStream(file), out var error);
        while (reader is not null && reader.TryRead(out var packet)) packets.Add((packet, packet.Data.ToArray()));
        return (packets, reader, error ?? reader?.Error);
    }

    [Fact]
    public void Pcap_little_endian_microseconds()
    {
        var (packets, reader, error) = ReadAll(Hex(PcapLittle));
        Assert.Null(error);
        var (packet, data) = Assert.Single(packets);
        Assert.Equal([0xAA, 0xBB, 0xCC], data);
        Assert.Equal((1, new Instant(1_000_002_000), 60u, CaptureLinkType.Ethernet), (packet.Number, packet.Time, packet.OriginalLength, packet.LinkType));
        Assert.Equal(0xFFFFu, Assert.Single(reader!.Interfaces).SnapLength);
    }

    [Fact]
    public void Pcap_big_endian_nanoseconds()
    {
        var (packets, _, error) = ReadAll(Hex(PcapBigNano));
        Assert.Null(error);
        Assert.Equal((new Instant(1_000_000_002), CaptureLinkType.InfiniBand), (packets.Single().Packet.Time, packets.Single().Packet.LinkType));
    }

    [Fact]
    public void Pcap_in_the_other_mixtures_of_order_and_unit()
    {
        Assert.Equal(new Instant(1_000_002_000), ReadAll(Hex(PcapBigNano.Replace("A1B23C4D", "A1B2C3D4", StringComparison.Ordinal))).Packets.Single().Packet.Time);
        Assert.Equal(new Instant(1_000_000_002), ReadAll(Hex(PcapLittle.Replace("D4C3B2A1", "4D3CB2A1", StringComparison.Ordinal))).Packets.Single().Packet.Time);
    }

    [Fact]
    public void Pcapng_blocks_and_options()
    {
        var (packets, reader, error) = ReadAll(Hex(Pcapng));
        Assert.Null(error);
        Assert.Equal(new CaptureInterface("p1", CaptureLinkType.InfiniBand, 0), Assert.Single(reader!.Interfaces));
        Assert.Equal(2, packets.Count);
        var first = packets[0].Packet;
        Assert.Equal((new Instant(1), 5u, "hi", CaptureDirection.Outbound), (first.Time, first.OriginalLength, first.Comment, first.Direction));
        Assert.Equal([0xAA, 0xBB, 0xCC], packets[0].Data);
        Assert.Equal([0x11, 0x22, 0x33], packets[1].Data);
    }

    [Fact]
    public void Pcapng_big_endian_binary_resolution_offset_and_obsolete_block()
    {
        var (packets, _, error) = ReadAll(Hex(PcapngBig));
        Assert.Null(error);
        Assert.Equal(new Instant(7_000_000_000), packets.Single().Packet.Time);
        Assert.Equal([0xDD, 0xEE], packets.Single().Data);
    }

    [Fact]
    public void Interfaces_are_counted_anew_in_each_section()
    {
        var (packets, reader, error) = ReadAll([.. Hex(Pcapng), .. Hex(PcapngBig)]);
        Assert.Null(error);
        Assert.Equal(2, reader!.Interfaces.Count);
        Assert.Equal(1, packets[2].Packet.Interface);
        Assert.Equal(3, packets[2].Packet.Number);
    }

    [Theory]
    [InlineData("", "capture-magic")]
    [InlineData("00112233", "capture-magic")]
    [InlineData("D4C3B2A1 0200", "pcap-cut")]
    [InlineData("D4C3B2A1 0300 0400 00000000 00000000 FFFF0000 01000000", "pcap-version")]
    [InlineData("D4C3B2A1 0200 0400 00000000 00000000 FFFF0000 01000000 0100", "pcap-cut")]
    [InlineData("D4C3B2A1 0200 0400 00000000 00000000 FFFF0000 01000000 00000000 00000000 04000000 04000000 AABBCC", "pcap-cut")]
    [InlineData("D4C3B2A1 0200 0400 00000000 00000000 FFFF0000 01000000 00000000 00000000 FFFFFF7F 04000000 AABBCC", "pcap-length")]
    [InlineData("0A0D0D0A 1C000000", "pcapng-cut")]
    [InlineData("0A0D0D0A 1C000000 12345678 0100 0000 FFFFFFFFFFFFFFFF 1C000000", "pcapng-magic")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0200 0000 FFFFFFFFFFFFFFFF 1C000000", "pcapng-version")]
    [InlineData("0A0D0D0A 1D000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000", "pcapng-length")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 20000000", "pcapng-length")]
    [InlineData("0A0D0D0A F0FFFF7F 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000", "pcapng-length")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 0600", "pcapng-cut")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 06000000 08000000", "pcapng-length")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 EE000000 10000000", "pcapng-cut")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 03000000 14000000 03000000 11223300 14000000", "pcapng-interface")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000" +
        "06000000 20000000 00000000 00000000 00000000 00000000 00000000 20000000", "pcapng-interface")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 01000000 14000000 0100 0000 00000000 14000000" +
        "06000000 20000000 00000000 00000000 00000000 01000000 01000000 20000000", "pcapng-length")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 01000000 14000000 0100 0000 00000000 14000000" +
        "06000000 20000000 00000000 FFFFFFFF 00000000 00000000 00000000 20000000", "pcapng-time")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000 01000000 18000000 0100 0000 00000000 02000800 18000000", "pcapng-option")]
    public void Malformed_files_are_named(string hex, string rule)
    {
        var (_, _, error) = ReadAll(Hex(hex));
        Assert.Equal(rule, error?.Rule);
        Assert.Matches(rule == "capture-magic" ? "bytes" : "at offset [0-9]+", error!.Detail);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var stream = new MemoryStream();
        var writer = new PcapngWriter(stream, comment: "weft replay x.choices");
        var port = writer.AddInterface("h1/1", CaptureLinkType.Ethernet);
        var expected = new List<(int, Instant, byte[], CaptureDirection, string?)>();
        for (var i = 0; i < 300; i++)
        {
            if (i == 150) writer.AddInterface("h2/1 ü", CaptureLinkType.InfiniBand);
            var data = new byte[i * 7];
            Array.Fill(data, (byte)i);
            var (at, time, direction, comment) = (i > 150 ? i & 1 : port, new Instant(i * 5_000_000_001L), (CaptureDirection)(i % 3), i % 5 == 0 ? $"#{i}" : null);
            writer.Write(at, time, data, direction, comment);
            expected.Add((at, time, data, direction, comment));
        }
        writer.Flush();
        var (packets, reader, error) = ReadAll(stream.ToArray());
        Assert.Null(error);
        Assert.Equal([new("h1/1", CaptureLinkType.Ethernet, 0), new("h2/1 ü", CaptureLinkType.InfiniBand, 0)], reader!.Interfaces);
        Assert.Equal(expected, packets.Select(p => (p.Packet.Interface, p.Packet.Time, p.Data, p.Packet.Direction, p.Packet.Comment)));
    }

    [Fact]
    public void InfiniBand_goes_into_ERF_records_and_comes_out_of_them()
    {
        var stream = new MemoryStream();
        var writer = new PcapngWriter(stream);
        writer.AddInterface("ib", CaptureLinkType.Erf);
        writer.Write(0, new(5_500_000_001), [0x70, 0x12, 0x37]);
        writer.Flush();
        var file = stream.ToArray();
        // 5 s and 0.500000001 * 2^32, rounded up; type 21, varying length, record 19, no loss, wire 3
        Assert.Contains("0500008005000000" + "1504" + "0013" + "0000" + "0003" + "701237", Convert.ToHexString(file));
        var (packets, reader, error) = ReadAll(file);
        Assert.Null(error);
        Assert.Equal(CaptureLinkType.Erf, reader!.Interfaces[0].LinkType);
        Assert.Equal((CaptureLinkType.InfiniBand, 3u, new Instant(5_500_000_001)), (packets[0].Packet.LinkType, packets[0].Packet.OriginalLength, packets[0].Packet.Time));
        Assert.Equal([0x70, 0x12, 0x37], packets[0].Data);
    }

    [Fact]
    public void A_comment_too_long_for_an_option_is_cut_at_a_character()
    {
        var stream = new MemoryStream();
        var writer = new PcapngWriter(stream);
        writer.AddInterface("x", CaptureLinkType.Ethernet);
        writer.Write(0, Instant.Zero, [1], comment: new string('é', 40_000));
        writer.Flush();
        var (packets, _, error) = ReadAll(stream.ToArray());
        Assert.Null(error);
        Assert.Equal(new string('é', 32_767), packets.Single().Packet.Comment);
    }

    [Fact]
    public void Pcap_is_written_and_read_back()
    {
        var stream = new MemoryStream();
        var writer = new PcapWriter(stream, CaptureLinkType.InfiniBand);
        writer.Write(new(3_000_000_007), [1, 2, 3]);
        var (packets, _, error) = ReadAll(stream.ToArray());
        Assert.Null(error);
        Assert.Equal((new Instant(3_000_000_007), CaptureLinkType.InfiniBand), (packets.Single().Packet.Time, packets.Single().Packet.LinkType));
        Assert.Equal([1, 2, 3], packets.Single().Data);
    }

    [Fact]
    public void Writing_allocates_nothing_per_packet()
    {
        var writer = new PcapngWriter(Stream.Null);
        writer.AddInterface("x", CaptureLinkType.Ethernet);
        var data = new byte[1100];
        Write();
        Assert.Equal(0, Steady.AllocatedBytes(Write));

        void Write()
        {
            for (var i = 0; i < 1000; i++) writer.Write(0, new(i), data, CaptureDirection.Inbound);
        }
    }

    [Fact]
    public void Readers_take_streams_that_answer_in_small_pieces()
    {
        var reader = CaptureReader.Open(new Dribble(Hex(Pcapng)), out _);
        var count = 0;
        while (reader!.TryRead(out _)) count++;
        Assert.Equal(2, count);
        Assert.Null(reader.Error);
    }

    [Fact]
    public void Fuzzed_files_never_throw_and_stay_bounded()
    {
        var rping = File.ReadAllBytes(Path.Combine(Corpus.Folder, "rping.pcap"))[..2000];
        var erf = Hex(PcapLittle);
        erf[20] = 197;
        byte[] erfFile = [.. erf[..24], .. Hex("00000000 00000000 13000000 13000000 0500008005000000 1504 0013 0000 0003 701237")];
        List<byte[]> corpus = [erfFile, Hex(PcapLittle), Hex(PcapBigNano), Hex(Pcapng), Hex(PcapngBig), [.. Hex(Pcapng), .. Hex(PcapngBig)], rping];
        var window = new MemoryStream();
        Fuzzer.Run(corpus, Fuzzer.Fraction(10), input =>
        {
            window.SetLength(0);
            window.Write(input);
            window.Position = 0;
            var reader = CaptureReader.Open(window, out var error);
            if (reader is null)
            {
                _ = error ?? throw new InvalidOperationException("neither reader nor error");
                return;
            }
            var packets = 0;
            while (reader.TryRead(out var packet))
                if (packet.Data.Length > input.Length || ++packets > input.Length) throw new InvalidOperationException("more out than in");
        });
    }

    /// <summary>A stream that gives one byte at a time.</summary>
    private sealed class Dribble(byte[] data) : MemoryStream(data)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));
    }
}
