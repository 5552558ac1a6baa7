using System.Text;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Tests.Iscsi;

public class SendTargetsTests
{
    [Theory]
    [InlineData("10.9.0.11:3260,1", "10.9.0.11", 3260, 1)]
    [InlineData("10.9.0.11", "10.9.0.11", 3260, null)]
    [InlineData("[fd00:9::11]:3261,2", "fd00:9::11", 3261, 2)]
    [InlineData("[fd00:9::11]", "fd00:9::11", 3260, null)]
    [InlineData("host.lab:1", "host.lab", 1, null)]
    public void Addresses(string text, string host, int port, int? tag)
    {
        Assert.True(PortalAddress.TryParse(text, out var address));
        Assert.Equal(new(host, (ushort)port, (ushort?)tag), address);
        Assert.True(PortalAddress.TryParse(address.ToString(), out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":3260")]
    [InlineData("[]:1")]
    [InlineData("[fd00::1")]
    [InlineData("[fd00::1]x")]
    [InlineData("a:b")]
    [InlineData("a:1,b")]
    [InlineData("a:65536")]
    public void Broken_addresses(string text) => Assert.False(PortalAddress.TryParse(text, out _));

    [Fact]
    public void LIO_s_answer_is_read_and_written()
    {
        CapturedPdu.Find("iser-basic", 10).View<TextResponsePdu>(out var text);
        Assert.Null(SendTargetsText.TryRead(text, out var targets));
        var target = Assert.Single(targets);
        Assert.Equal("iqn.2024-01.lab:target", target.Name);
        Assert.Equal(new PortalAddress("10.9.0.11", 3260, 1), Assert.Single(target.Portals));
        var copy = new byte[text.Length];
        Assert.True(SendTargetsText.TryWrite(targets, copy, out var length));
        Assert.Equal(text, copy[..length]);
        Assert.False(SendTargetsText.TryWrite(targets, copy.AsSpan(1), out _));
        Assert.NotNull(SendTargetsText.TryRead("TargetAddress=a\0"u8, out _));
    }

    [Fact]
    public void A_long_answer_goes_out_in_pieces_under_one_tag()
    {
        var responder = new TextResponder();
        var request = new TextRequestPdu { TargetTransferTag = TaskTag.Reserved, InitiatorTaskTag = new(5) };
        Assert.Null(responder.Take(request, "SendTargets=All\0"u8, out var complete));
        Assert.True(complete);
        Assert.Equal("SendTargets=All\0"u8, responder.Request);
        var expected = Encoding.ASCII.GetBytes(new string('x', 250));
        expected.CopyTo(responder.Answer());
        responder.Commit(expected.Length);
        var (data, got) = (new byte[100], new List<byte>());
        responder.Next(request, 100, data, out var response);
        var tag = response.TargetTransferTag;
        while (!response.Final)
        {
            Assert.False(response.TargetTransferTag.IsReserved);
            Assert.Equal(tag, response.TargetTransferTag);
            got.AddRange(data[..response.DataSegmentLength]);
            Assert.NotNull(responder.Take(request with { TargetTransferTag = new(99) }, default, out _));
            Assert.NotNull(responder.Take(request with { TargetTransferTag = tag }, "x=y\0"u8, out _));
            Assert.Null(responder.Take(request with { TargetTransferTag = tag }, default, out complete));
            Assert.False(complete);
            responder.Next(request with { TargetTransferTag = tag }, 100, data, out response);
        }
        got.AddRange(data[..response.DataSegmentLength]);
        Assert.Equal(expected, got);
        Assert.True(response.TargetTransferTag.IsReserved);
        Assert.NotNull(responder.Take(request with { TargetTransferTag = tag }, default, out _));
    }

    [Fact]
    public void A_continued_request_is_joined_before_it_is_answered()
    {
        var responder = new TextResponder();
        var request = new TextRequestPdu { Final = false, Continue = true, TargetTransferTag = TaskTag.Reserved };
        Assert.Null(responder.Take(request, "SendTar"u8, out var complete));
        Assert.False(complete);
        responder.Next(request, 100, new byte[100], out var response);
        Assert.True(response is { Final: false, Continue: false, DataSegmentLength: 0 });
        Assert.Null(responder.Take(request with { Final = true, Continue = false, TargetTransferTag = response.TargetTransferTag }, "gets=All\0"u8, out complete));
        Assert.True(complete);
        Assert.Equal("SendTargets=All\0"u8, responder.Request);
        Assert.NotNull(responder.Take(request with { Final = true }, default, out _));
    }
}
