using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Tests.Fuzz;
using Weft.Protocol.Tools;

namespace Weft.Protocol.Tests.Tools;

/// <summary>What the verbs tools tell each other before a test, from captures of libibverbs' examples and of perftest.</summary>
public class ToolMessageTests
{
    // rc-pingpong.pcap, the client's and the server's message.
    private const string Client = "0000:000013:24fb2f:00000000000000000000ffff0a09000c\0", Server = "0000:000013:a26379:00000000000000000000ffff0a09000b\0";
    // perf-write-bw.pcap.
    private const string Keys = "0000:0001:000017:d798c6:00000e63:000055676e8ad000:00:00:00:00:00:00:00:00:00:00:ff:ff:0a:09:00:0c:00000000:\0";
    // The same by perftest's structure over the RDMA CM.
    private const string Structure = "00000000" + "00000001" + "00000017" + "00d798c6" + "00000e63" + "00000000" + "000055676e8ad000"
        + "00000000000000000000ffff0a09000c" + "00000000" + "00000000";

    [Theory]
    [InlineData(Client, 0x13, 0x24fb2f, "10.9.0.12")]
    [InlineData(Server, 0x13, 0xa26379, "10.9.0.11")]
    [InlineData("00ff:abcdef:ffffff:fd000009000000000000000000000011\0", 0xabcdef, 0xffffff, "fd00:9::11")]
    public void A_pingpong_address_is_read_and_written_as_the_examples_do(string text, uint qpn, uint psn, string gid)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.True(PingpongAddress.TryRead(bytes, out var address));
        Assert.Equal((new Qpn(qpn), new Psn(psn), Gid.Parse(gid)), (address.Qpn, address.Psn, address.Gid));
        Assert.Equal(Convert.ToUInt16(text[..4], 16), address.Lid.Value);
        var back = new byte[PingpongAddress.Length];
        address.Write(back);
        Assert.Equal(bytes, back);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000:000013:24fb2f:00000000000000000000ffff0a0900")]
    [InlineData("0000 000013:24fb2f:00000000000000000000ffff0a09000c\0")]
    [InlineData("0000:0000x3:24fb2f:00000000000000000000ffff0a09000c\0")]
    [InlineData("0000:000013:24fb2f:00000000000000000000ffff0a09000g\0")]
    [InlineData("GET / HTTP/1.1\r\nHost: 10.9.0.1\r\nAccept: */*\r\nX: xxxx\r\n")]
    public void Anything_else_is_no_pingpong_address(string text) => Assert.False(PingpongAddress.TryRead(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Perftests_keys_are_read_and_written_in_both_forms()
    {
        Assert.True(PerftestKeys.TryReadText(Encoding.ASCII.GetBytes(Keys), out var keys));
        Assert.Equal(new PerftestKeys(Lid.None, 1, new(0x17), new(0xd798c6), new(0xe63), 0x5567_6e8a_d000, Gid.Parse("10.9.0.12")), keys);
        var text = new byte[PerftestKeys.TextLength];
        keys.WriteText(text);
        Assert.Equal(Keys, Encoding.ASCII.GetString(text));

        Assert.True(PerftestKeys.TryReadBinary(Convert.FromHexString(Structure), out var same));
        Assert.Equal(keys, same);
        var binary = new byte[PerftestKeys.BinaryLength];
        keys.WriteBinary(binary);
        Assert.Equal(Convert.FromHexString(Structure), binary);
    }

    [Fact]
    public void Whatever_is_written_is_read_again() => Prop.ForAll<uint, ulong, ulong>((small, high, low) =>
    {
        var keys = new PerftestKeys(new((ushort)small), small >> 16, new(small), new((uint)high), new((uint)low), high ^ low, new(high, low), (uint)(high >> 32));
        var text = new byte[PerftestKeys.TextLength];
        keys.WriteText(text);
        var binary = new byte[PerftestKeys.BinaryLength];
        keys.WriteBinary(binary);
        var address = new PingpongAddress(new((ushort)low), new(small), new((uint)high), new(low, high));
        var line = new byte[PingpongAddress.Length];
        address.Write(line);
        return PerftestKeys.TryReadText(text, out var first) && first == keys && PerftestKeys.TryReadBinary(binary, out var second) && second == keys
            && PingpongAddress.TryRead(line, out var third) && third == address;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_reader_throws_on_any_bytes() =>
        Fuzzer.Run([Encoding.ASCII.GetBytes(Client), Encoding.ASCII.GetBytes(Keys), Convert.FromHexString(Structure)], bytes =>
        {
            if (PingpongAddress.TryRead(bytes, out var address)) address.Write(new byte[PingpongAddress.Length]);
            if (PerftestKeys.TryReadText(bytes, out var text)) text.WriteText(new byte[PerftestKeys.TextLength]);
            if (!PerftestKeys.TryReadBinary(bytes, out var binary)) return;
            binary.WriteBinary(new byte[PerftestKeys.BinaryLength]);
        });
}
