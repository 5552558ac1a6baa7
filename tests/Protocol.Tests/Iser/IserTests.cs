using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Iser;
using Weft.Protocol.Tests.Cm;
using Weft.Protocol.Tests.Iscsi;

namespace Weft.Protocol.Tests.Iser;

public class IserTests
{
    [Fact]
    public void Header_fields_are_where_ib_iser_has_them()
    {
        var bytes = Convert.FromHexString("1c000000" + "00112233" + "0102030405060708" + "aabbccdd" + "1112131415161718");
        Assert.True(IserHeader.TryRead(bytes, out var header));
        Assert.True(header is { IsControl: true, HasReadStag: true, HasWriteStag: true });
        Assert.Equal(new RKey(0x00112233), header.WriteStag);
        Assert.Equal(0x0102030405060708UL, header.WriteVa);
        Assert.Equal(new RKey(0xaabbccdd), header.ReadStag);
        Assert.Equal(0x1112131415161718UL, header.ReadVa);
        Assert.False(IserHeader.TryRead(bytes.AsSpan(0, 27), out _));
    }

    [Fact]
    public void Any_header_writes_back()
    {
        Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(IserHeader.Length).ToArbitrary(), bytes =>
        {
            Assert.True(IserHeader.TryRead(bytes, out var header));
            var copy = new byte[IserHeader.Length];
            header.Write(copy);
            Assert.Equal(bytes, copy);
            if (!IserHello.TryRead(bytes, out var hello)) return;
            hello.Write(copy);
            Assert.Equal(bytes, copy);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("20a0001000000000", false, 10, 0, 16, false)]
    [InlineData("30aa000400000000", true, 10, 10, 4, false)]
    [InlineData("31aa000400000000", true, 10, 10, 4, true)]
    public void Hello(string start, bool reply, byte max, byte version, ushort depth, bool reject)
    {
        var bytes = new byte[IserHello.Length];
        Convert.FromHexString(start).CopyTo(bytes, 0);
        Assert.True(IserHello.TryRead(bytes, out var hello));
        Assert.Equal(new IserHello(reply, max, version, depth, reject), hello);
        var copy = new byte[IserHello.Length];
        hello.Write(copy);
        Assert.Equal(bytes, copy);
        bytes[9] = 1;
        Assert.False(IserHello.TryRead(bytes, out _));
    }

    [Theory]
    [InlineData("80000000", false, true)]
    [InlineData("c0000000", false, false)]
    [InlineData("00000000", true, true)]
    [InlineData("40000000", true, false)]
    public void Connection_private_data(string hex, bool zbva, bool invalidate)
    {
        Assert.True(IserCmPrivateData.TryRead(Convert.FromHexString(hex), out var data));
        Assert.Equal((zbva, invalidate), (data.ZeroBasedVa, data.RemoteInvalidate));
        Assert.Equal(data, new IserCmPrivateData(zbva, invalidate));
        var copy = new byte[4];
        data.Write(copy);
        Assert.Equal(hex, Convert.ToHexStringLower(copy));
    }

    /// <summary>A 64 KiB write of open-iscsi with 8 KiB immediate data: LIO fetched 57344 bytes at exactly this address (frame 315).</summary>
    [Fact]
    public void Write_address_already_skips_the_immediate_data()
    {
        Assert.Null(IserMessage.TryRead(CapturedPdu.Find("iser-basic", 305).Bytes, out var message));
        Assert.Equal(new IserHeader(IserFlags.Control | IserFlags.WriteStagValid, new(0x27bf), 0xff11_0000_07ef_3000), message.Header);
        Assert.Equal(8192, message.Pdu.Data.Length);
        Assert.True(Weft.Protocol.Iscsi.Pdu.TryView<Weft.Protocol.Iscsi.ScsiCommandPdu>(message.Pdu.Bhs, out var command));
        Assert.Equal(65536u, command.ExpectedDataTransferLength);
        Assert.True(command is { IsWrite: true, IsRead: false, Final: true });
    }
}
