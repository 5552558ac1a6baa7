using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Nbd;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Nbd;

/// <summary>Expected bytes are written out from the NBD protocol document.</summary>
public class NbdServerTests
{
    private const string Greeting = "4E42444D41474943" + "49484156454F5054" + "0003";
    private const string ReplyMagic = "0003E889045565A9";
    /// <summary>1 MiB; flags: has flags, flush, FUA, trim, write zeroes, multi-conn.</summary>
    private const string SizeAndFlags = "0000000000100000" + "016D";
    private const string GoAnswers =
        ReplyMagic + "00000007" + "00000003" + "0000000C" + "0000" + SizeAndFlags
        + ReplyMagic + "00000007" + "00000003" + "0000000E" + "0003" + "00000200" + "00001000" + "02000000"
        + ReplyMagic + "00000007" + "00000001" + "00000000";

    public static TheoryData<string, byte[], string, bool> Handshakes => new()
    {
        { "export name, no zeroes", new NbdClientBytes().Flags(3).Option(1, [.. "disk"u8]).Bytes, SizeAndFlags, false },
        { "export name, padded", new NbdClientBytes().Flags(1).Option(1).Bytes, SizeAndFlags + new string('0', 248), false },
        { "plain newstyle knows one option", new NbdClientBytes().Flags(0).Option(3).Bytes, "", true },
        { "plain newstyle", new NbdClientBytes().Flags(0).Option(1).Bytes, SizeAndFlags + new string('0', 248), false },
        { "unknown export name", new NbdClientBytes().Flags(3).Option(1, [.. "disc"u8]).Bytes, "", true },
        { "unknown client flag", new NbdClientBytes().Flags(4).Option(3).Bytes, "", true },
        { "wrong option magic", new NbdClientBytes().Flags(3).Raw([.. "IHAVEOPS\0\0\0\x3\0\0\0\0"u8]).Bytes, "", true },
        { "go", new NbdClientBytes().Go().Bytes, GoAnswers, false },
        { "go by name", new NbdClientBytes().Go("disk").Bytes, GoAnswers, false },
        { "abort", new NbdClientBytes().Flags(3).Option(2).Bytes, ReplyMagic + "00000002" + "00000001" + "00000000", true },
        {
            "list", new NbdClientBytes().Flags(3).Option(3).Bytes,
            ReplyMagic + "00000003" + "00000002" + "00000008" + "00000004" + "6469736B" + ReplyMagic + "00000003" + "00000001" + "00000000", false
        },
        { "starttls is declined", new NbdClientBytes().Flags(3).Option(5).Bytes, ReplyMagic + "00000005" + "80000001" + "00000000", false },
        { "structured replies are declined", new NbdClientBytes().Flags(3).Option(8).Bytes, ReplyMagic + "00000008" + "80000001" + "00000000", false },
        { "unknown option with data", new NbdClientBytes().Flags(3).Option(77, 1, 2, 3).Bytes, ReplyMagic + "0000004D" + "80000001" + "00000000", false },
        {
            "info with name and description", new NbdClientBytes().Flags(3).Info(6, "", 1, 2).Bytes,
            GoAnswers[..^40].Replace("00000007", "00000006", StringComparison.Ordinal)
            + ReplyMagic + "00000006" + "00000003" + "00000006" + "0001" + "6469736B"
            + ReplyMagic + "00000006" + "00000003" + "00000008" + "0002" + "61206469736B"
            + ReplyMagic + "00000006" + "00000001" + "00000000", false
        },
    };

    [Theory]
    [MemberData(nameof(Handshakes))]
    public void Each_option_is_answered_as_the_protocol_says(string what, byte[] input, string expected, bool ends)
    {
        Assert.NotEmpty(what);
        var (answers, isFinished) = NbdTalk.Run(NbdTalk.Export(), new(1 << 20), input);
        Assert.Equal(Greeting + expected, Convert.ToHexString(answers));
        Assert.Equal(ends, isFinished);
    }

    [Theory]
    [InlineData(3u, new byte[] { 1 }, 0x80000003)] // LIST with data
    [InlineData(7u, new byte[] { 0, 0, 0, 9, 65, 0, 0 }, 0x80000003)] // a name longer than the option
    [InlineData(7u, new byte[] { 0, 0, 0, 0, 0, 1 }, 0x80000003)] // fewer requests than said
    [InlineData(7u, new byte[] { 0, 0, 0, 0 }, 0x80000003)]
    [InlineData(6u, new byte[] { 0, 0, 0, 1, 65, 0, 0 }, 0x80000006)] // no such export
    public void A_bad_option_gets_its_error_and_the_handshake_goes_on(uint option, byte[] data, uint error)
    {
        var input = new NbdClientBytes().Flags().Option(option, data).Info(7, "disk").Request(0, 5, 0, 0).Bytes;
        var answers = Convert.ToHexString(NbdTalk.Run(NbdTalk.Export(), new(1 << 20), input).Answers);
        Assert.StartsWith(Greeting + ReplyMagic + $"{option:X8}{error:X8}", answers, StringComparison.Ordinal);
        Assert.EndsWith(GoAnswers + "67446698" + "00000000" + "0000000000000005", answers, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_too_long_to_read_is_skipped_and_refused()
    {
        var input = new NbdClientBytes().Flags().Option(6, new byte[100_000]).Info(7, "").Bytes;
        var answers = Convert.ToHexString(NbdTalk.Run(NbdTalk.Export(), new(1 << 20), input).Answers);
        Assert.StartsWith(Greeting + ReplyMagic + "00000006" + "80000009", answers, StringComparison.Ordinal);
        Assert.EndsWith(GoAnswers, answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 0u, 512u, 0u)]
    [InlineData(0, 0, 0x100000u - 512, 512u, 0u)]
    [InlineData(0, 0, 0x100000u, 512u, 22u)] // READ beyond the end: EINVAL
    [InlineData(0, 0, 1u, 512u, 22u)]
    [InlineData(0, 0, 0u, 511u, 22u)]
    [InlineData(0, 2, 0u, 512u, 22u)] // a flag that READ does not have
    [InlineData(1, 1, 512u, 512u, 0u)]
    [InlineData(1, 0, 0x100000u, 512u, 28u)] // WRITE beyond the end: ENOSPC
    [InlineData(1, 0, 1u, 512u, 22u)]
    [InlineData(3, 0, 0u, 0u, 0u)]
    [InlineData(3, 0, 512u, 0u, 22u)]
    [InlineData(4, 1, 0u, 0x100000u, 0u)]
    [InlineData(4, 0, 512u, 0x100000u, 22u)]
    [InlineData(6, 3, 0u, 0x100000u, 0u)]
    [InlineData(6, 0, 512u, 0x100000u, 28u)]
    [InlineData(6, 16, 0u, 512u, 22u)] // FAST_ZERO is not offered
    [InlineData(5, 0, 0u, 512u, 22u)] // CACHE
    [InlineData(7, 0, 0u, 512u, 22u)] // BLOCK_STATUS
    [InlineData(99, 0, 0u, 512u, 22u)]
    public void Each_request_is_carried_out_or_gets_its_error_and_the_next_one_is_understood(ushort type, ushort flags, uint offset, uint length, uint error)
    {
        var data = type == 1 ? Enumerable.Repeat((byte)0xA5, (int)length).ToArray() : [];
        var input = new NbdClientBytes().Go().Request(type, 0x1122334455667788, offset, length, flags, data).Request(0, 9, 0, 512).Bytes;
        var disk = new RamDisk(1 << 20);
        var answers = Convert.ToHexString(NbdTalk.Run(NbdTalk.Export(), disk, input).Answers);
        var own = "67446698" + $"{error:X8}" + "1122334455667788" + (type == 0 && error == 0 ? new string('0', 1024) : "");
        Assert.Equal(Greeting + GoAnswers + own + "67446698" + "00000000" + "0000000000000009" + new string('0', 1024), answers);
        Assert.Equal(error == 0 ? 2 : 1, disk.Done.Count);
        if (type == 1 && error == 0) Assert.All(disk.Content[512..1024], b => Assert.Equal(0xA5, b));
    }

    [Fact]
    public void A_read_only_export_refuses_what_writes()
    {
        var export = NbdTalk.Export(flags: NbdTalk.All | NbdTransmissionFlags.ReadOnly);
        foreach (var type in new ushort[] { 1, 4, 6 })
        {
            var input = new NbdClientBytes().Go().Request(type, 7, 0, 512, data: type == 1 ? new byte[512] : []).Request(3, 8, 0, 0).Bytes;
            var answers = Convert.ToHexString(NbdTalk.Run(export, new(1 << 20), input).Answers);
            Assert.EndsWith("67446698" + "00000001" + "0000000000000007" + "67446698" + "00000000" + "0000000000000008", answers, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2, 0u)] // DISC
    [InlineData(1, (32u << 20) + 512)] // more data than the protocol allows
    public void Some_requests_end_the_connection_after_the_answers_that_are_due(ushort type, uint length)
    {
        var input = new NbdClientBytes().Go().Request(0, 1, 0, 512).Request(type, 2, 0, length).Request(0, 3, 0, 512).Bytes;
        var (answers, isFinished) = NbdTalk.Run(NbdTalk.Export(), new(1 << 20, answersLater: true), input);
        Assert.True(isFinished);
        Assert.EndsWith("0000000000000001" + new string('0', 1024), Convert.ToHexString(answers), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_reads_no_answers_is_not_listened_to_beyond_a_bound()
    {
        var input = new NbdClientBytes().Go();
        for (var i = 0; i < 1000; i++) input.Request(0, (ulong)i, 0, 512);
        var disk = new RamDisk(1 << 20);
        var server = new NbdServer(NbdTalk.Export(), disk);
        server.OnSent(server.Output.Length);
        var bytes = input.Bytes.AsSpan();
        while (!bytes.IsEmpty && server.Input is { IsEmpty: false } room)
        {
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room.Span);
            bytes = bytes[count..];
            server.OnReceived(count);
        }
        Assert.Equal(NbdServer.MaxJobs, server.Jobs);
        Assert.Equal(NbdServer.MaxJobs, disk.Done.Count);
    }

    [Fact]
    public void It_does_not_matter_in_which_pieces_bytes_arrive() =>
        Check.One(Config.QuickThrowOnFailure.WithReplay(0x9F3A_21C0, 7).WithMaxTest(200), Prop.ForAll(
            Gen.ListOf(Gen.Choose(0, 8 * 40 * 100 - 1)).ToArbitrary(), Gen.Choose(1, 3000).ToArbitrary(),
            (requests, piece) =>
            {
                var random = new System.Random(3);
                var input = new NbdClientBytes().Flags().Option(3).Info(6, "disk", 1).Info(7, "disk");
                foreach (var number in requests)
                {
                    var (type, place, blocks) = (number % 8, number / 8 % 40, number / 320);
                    var data = new byte[type == 1 ? blocks * 512 : 0];
                    random.NextBytes(data);
                    if (type != 2) input.Request((ushort)type, (ulong)place << 32, (ulong)place * 512, (uint)blocks * 512, 0, data);
                }
                var (whole, parts, later) = (new RamDisk(32 << 10), new RamDisk(32 << 10), new RamDisk(32 << 10, answersLater: true));
                var expected = NbdTalk.Run(NbdTalk.Export(32 << 10), whole, input.Bytes).Answers;
                Assert.Equal(expected, NbdTalk.Run(NbdTalk.Export(32 << 10), parts, input.Bytes, piece).Answers);
                Assert.Equal(expected.Length, NbdTalk.Run(NbdTalk.Export(32 << 10), later, input.Bytes, piece).Answers.Length);
                Assert.Equal(whole.Content, parts.Content);
                Assert.Equal(whole.Content, later.Content);
            }));

    [Fact]
    public void Any_bytes_are_answered_or_end_the_connection()
    {
        byte[][] corpus =
        [
            new NbdClientBytes().Flags(1).Option(1, [.. "disk"u8]).Request(0, 1, 0, 4096).Request(2, 0, 0, 0).Bytes,
            new NbdClientBytes().Flags().Option(8).Option(3).Info(6, "x", 0).Info(6, "disk", 1, 2, 3).Info(7, "disk").Bytes,
            new NbdClientBytes().Go().Request(1, 1, 512, 1024, 1, new byte[1024]).Request(0, 2, 512, 1024).Request(3, 3, 0, 0).Request(6, 4, 0, 512, 2).Request(4, 5, 0, 512).Bytes,
            new NbdClientBytes().Go().Request(1, 1, 1, 700, 0, new byte[700]).Request(0, 2, 512, 1024).Bytes,
        ];
        Fuzzer.Run(corpus, Fuzzer.Iterations / 2, input => NbdTalk.Run(NbdTalk.Export(4096), new(4096), input, 1 + input.Length / 3));
    }
}
