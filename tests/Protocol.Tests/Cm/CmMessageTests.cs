using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Tests.Cm;

public class CmMessageTests
{
    [Fact]
    public void Every_captured_datagram_is_read_by_the_right_message_type()
    {
        Assert.True(CapturedCm.All.Count > 300);
        foreach (var c in CapturedCm.All)
        {
            Assert.True(CmMad.TryReadHeader(c.Mad, out var header, out var attribute, out var violation), $"{c}: {violation}");
            Assert.Equal(c.Message, CmMad.TableOf(attribute)!.Name);
            Assert.Equal(CmMad.Header(attribute, header.TransactionId), header);
        }
    }

    /// <summary>The fields alone, copied one by one into cleared bytes, give back what the peer sent: no field is missing or misplaced by a bit.</summary>
    [Fact]
    public void The_fields_of_every_captured_datagram_rebuild_it_byte_for_byte()
    {
        foreach (var c in CapturedCm.All)
        {
            Assert.True(CmMad.TryReadHeader(c.Mad, out var header, out var attribute, out _));
            var table = CmMad.TableOf(attribute)!;
            var rebuilt = new byte[256];
            header.Write(rebuilt);
            table.Copy(c.Mad.AsSpan(24), rebuilt.AsSpan(24));
            Assert.Equal(c.Mad, rebuilt);
            Assert.False(table.HasReservedBits(c.Mad.AsSpan(24)), c.ToString());
        }
    }

    [Fact]
    public void Every_captured_datagram_is_written_back_unchanged_by_its_type()
    {
        foreach (var c in CapturedCm.All) Assert.Equal(c.Mad, Rewrite(c.Mad));
    }

    [Fact]
    public void Reserved_bits_survive_in_every_message()
    {
        for (var attribute = CmAttribute.Req; attribute <= CmAttribute.Apr; attribute++)
        {
            var mad = new byte[256];
            Array.Fill(mad, (byte)0xFF);
            CmMad.Header(attribute, 0x0123_4567_89AB_CDEF).Write(mad);
            Assert.Equal(mad, Rewrite(mad));
        }
    }

    // Values below were read off the same frame with tshark 4.0 (flow label and rate excepted: its dissector reads that word one byte late).
    [Fact]
    public void A_request_of_rping_has_the_values_that_an_independent_dissector_shows()
    {
        Assert.True(CmReq.TryRead(CapturedCm.Find("rping", 3).Mad.AsSpan(24), out var req));
        Assert.Equal(0x8c1090a6u, req.LocalCommId);
        Assert.Equal(ServiceId.For(PortSpace.Tcp, 7174), req.ServiceId);
        Assert.Equal(new Guid64(0x505400fffe09000b), req.LocalCaGuid);
        Assert.Equal(new Qpn(0x11), req.LocalQpn);
        Assert.Equal((1, 1), (req.ResponderResources, req.InitiatorDepth));
        Assert.Equal((20, 20), (req.RemoteResponseTimeout, req.LocalResponseTimeout));
        Assert.Equal(CmTransport.Rc, req.TransportType);
        Assert.False(req.EndToEndFlowControl);
        Assert.Equal(new Psn(0xabb84f), req.StartingPsn);
        Assert.Equal((7, 7, 15), (req.RetryCount, req.RnrRetryCount, req.MaxCmRetries));
        Assert.Equal(PKey.Default, req.PKey);
        Assert.Equal(PathMtu.Mtu1024, req.PathMtu);
        Assert.Equal(Lid.Permissive, req.PrimaryLocalLid);
        Assert.Equal(Gid.Parse("10.9.0.12"), req.PrimaryLocalGid);
        Assert.Equal(Gid.Parse("10.9.0.11"), req.PrimaryRemoteGid);
        Assert.Equal((0, 64, 0, 19), (req.PrimaryTrafficClass, req.PrimaryHopLimit, req.PrimaryServiceLevel, req.PrimaryAckTimeout));
        Assert.False(req.PrimarySubnetLocal);
        Assert.Equal(Lid.None, req.AlternateLocalLid);
        Assert.True(RdmaCmHeader.TryRead(req.PrivateData, out var header));
        Assert.Equal(RdmaCmHeader.For(Gid.Parse("10.9.0.12"), 0xe87a, Gid.Parse("10.9.0.11")), header);
        Assert.Null(header.Check());
    }

    /// <summary>Both sides of the connection that this request set up send from UDP port 49917, which Linux folds from the flow label.</summary>
    [Fact]
    public void The_flow_label_of_a_request_gives_the_source_port_of_the_connection()
    {
        Assert.True(CmReq.TryRead(CapturedCm.Find("rping", 3).Mad.AsSpan(24), out var req));
        var label = req.PrimaryFlowLabel;
        Assert.Equal(49917u, ((label & 0x3FFF) ^ (label >> 14)) | 0xC000);
        Assert.Equal(0, req.PrimaryPacketRate);
    }

    [Fact]
    public void A_reply_and_a_rejection_have_the_values_that_an_independent_dissector_shows()
    {
        Assert.True(CmRep.TryRead(CapturedCm.Find("rping", 4).Mad.AsSpan(24), out var rep));
        Assert.Equal((0x3355a1e2u, 0x8c1090a6u), (rep.LocalCommId, rep.RemoteCommId));
        Assert.Equal((new Qpn(0x11), new Psn(0xb9bd24)), (rep.LocalQpn, rep.StartingPsn));
        Assert.Equal((1, 1, 15, 0, 7), (rep.ResponderResources, rep.InitiatorDepth, rep.TargetAckDelay, rep.FailoverAccepted, rep.RnrRetryCount));
        Assert.Equal(new Guid64(0x505400fffe09000a), rep.LocalCaGuid);

        Assert.True(CmRej.TryRead(CapturedCm.Find("iser-kill-target", 784).Mad.AsSpan(24), out var rej));
        Assert.Equal((0x08b2ccecu, 0u, CmMessageRef.Other, CmRejReason.Timeout), (rej.LocalCommId, rej.RemoteCommId, rej.Message, rej.Reason));
        Assert.Equal("505400fffe09000b", Convert.ToHexStringLower(rej.Info[..rej.InfoLength]));
    }

    [Fact]
    public void A_datagram_service_is_resolved_as_udaddy_does()
    {
        Assert.True(CmSidrReq.TryRead(CapturedCm.Find("udaddy", 1).Mad.AsSpan(24), out var req));
        Assert.Equal(ServiceId.For(PortSpace.Udp, 7174), req.ServiceId);
        Assert.Equal(PKey.Default, req.PKey);
        Assert.True(RdmaCmHeader.TryRead(req.PrivateData, out var header));
        Assert.Equal((Gid.Parse("10.9.0.12"), Gid.Parse("10.9.0.11")), (header.Source, header.Destination));
        Assert.True(CmSidrRep.TryRead(CapturedCm.Find("udaddy", 2).Mad.AsSpan(24), out var rep));
        Assert.Equal((req.RequestId, CmSidrStatus.Valid, new Qpn(0x1e), QKey.RdmaUdp), (rep.RequestId, rep.Status, rep.Qpn, rep.QKey));
        Assert.Equal(req.ServiceId, rep.ServiceId);
    }

    [Fact]
    public void A_request_built_from_properties_is_the_captured_one()
    {
        var captured = CapturedCm.Find("rping-ipv6", CapturedCm.All.First(c => c is { Capture: "rping-ipv6", Message: "REQ" }).Frame).Mad;
        Assert.True(CmReq.TryRead(captured.AsSpan(24), out var seen));
        Span<byte> privateData = stackalloc byte[RdmaCmHeader.Length];
        Assert.True(RdmaCmHeader.TryRead(seen.PrivateData, out var header));
        RdmaCmHeader.For(Gid.Parse("fd00:9::12"), header.SourcePort, Gid.Parse("fd00:9::11")).Write(privateData);
        var built = new CmReq
        {
            LocalCommId = seen.LocalCommId, ServiceId = ServiceId.For(PortSpace.Tcp, 7174), LocalCaGuid = new(0x505400fffe09000b),
            LocalQpn = seen.LocalQpn, ResponderResources = 1, InitiatorDepth = 1, RemoteResponseTimeout = 20, LocalResponseTimeout = 20,
            StartingPsn = seen.StartingPsn, RetryCount = 7, RnrRetryCount = 7, MaxCmRetries = 15, PKey = PKey.Default, PathMtu = PathMtu.Mtu1024,
            PrimaryLocalLid = seen.PrimaryLocalLid, PrimaryRemoteLid = seen.PrimaryRemoteLid, PrimaryLocalGid = Gid.Parse("fd00:9::12"),
            PrimaryRemoteGid = Gid.Parse("fd00:9::11"), PrimaryFlowLabel = seen.PrimaryFlowLabel, PrimaryHopLimit = seen.PrimaryHopLimit,
            PrimarySubnetLocal = seen.PrimarySubnetLocal, PrimaryAckTimeout = 19, PrimaryPacketRate = seen.PrimaryPacketRate,
        }.WithPrivateData(privateData);
        Assert.Equal(seen, built);
        var mad = new byte[256];
        Assert.True(MadHeader.TryRead(captured, out var madHeader));
        CmMad.Write(mad, madHeader.TransactionId, built);
        Assert.Equal(captured, mad);
    }

    [Fact]
    public void A_message_prints_its_fields()
    {
        Assert.Equal(
            "tid=0x0000000294fdce46 REJ LocalCommId=0x1 RemoteCommId=0x2 Message=Other InfoLength=8 Reason=Timeout Info=505400fffe09000b PrivateData=07",
            Normal(new CmRej { LocalCommId = 1, RemoteCommId = 2, Message = CmMessageRef.Other, Reason = CmRejReason.Timeout }
                .WithInfo([0x50, 0x54, 0, 0xFF, 0xFE, 9, 0, 0x0B]).WithPrivateData([7])));

        static string Normal(CmRej rej)
        {
            var mad = new byte[256];
            CmMad.Write(mad, 0x0000_0002_94fd_ce46, rej);
            return CmMad.Print(mad).Replace("0x00000001", "0x1").Replace("0x00000002 ", "0x2 ");
        }
    }

    [Fact]
    public void Private_data_that_does_not_fit_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentException>(() => new CmReq().WithPrivateData(new byte[93]));
        Assert.Equal(new CmReq(), new CmReq().WithPrivateData([1, 2, 3]).WithPrivateData([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CmReq { RetryCount = 8 });
    }

    [Theory]
    [InlineData(0, 2, "mad-base-version")]
    [InlineData(1, 3, "cm-class")]
    [InlineData(2, 1, "cm-class-version")]
    [InlineData(3, 1, "cm-method")]
    [InlineData(17, 0x1B, "cm-attribute")]
    public void What_is_not_for_the_cm_is_refused_by_rule(int offset, byte value, string rule)
    {
        var mad = (byte[])CapturedCm.All[0].Mad.Clone();
        mad[offset] = value;
        Assert.False(CmMad.TryReadHeader(mad, out _, out _, out var violation));
        Assert.Equal(rule, violation!.Rule);
        Assert.False(CmMad.TryReadHeader(mad.AsSpan(0, 255), out _, out _, out violation));
        Assert.Equal("mad-length", violation!.Rule);
    }

    [Fact]
    public void Service_ids_carry_port_space_and_port()
    {
        Assert.Equal(0x0000_0000_0106_0CBCu, ServiceId.For(PortSpace.Tcp, 3260).Value);
        Assert.Equal("Tcp:3260", ServiceId.For(PortSpace.Tcp, 3260).ToString());
        Assert.True(ServiceId.For(PortSpace.Udp, 1).IsRdmaCm);
        Assert.False(new ServiceId(0x5054_00ff_fe09_000a).IsRdmaCm);
        Assert.Equal("0x505400fffe09000a", new ServiceId(0x5054_00ff_fe09_000a).ToString());
    }

    internal static byte[] Rewrite(ReadOnlySpan<byte> mad)
    {
        Assert.True(CmMad.TryReadHeader(mad, out var header, out var attribute, out _));
        var body = mad[24..];
        var target = new byte[256];
        header.Write(target);
        switch (attribute)
        {
            case CmAttribute.Req: Copy<CmReq>(body, target); break;
            case CmAttribute.Mra: Copy<CmMra>(body, target); break;
            case CmAttribute.Rej: Copy<CmRej>(body, target); break;
            case CmAttribute.Rep: Copy<CmRep>(body, target); break;
            case CmAttribute.Rtu: Copy<CmRtu>(body, target); break;
            case CmAttribute.Dreq: Copy<CmDreq>(body, target); break;
            case CmAttribute.Drep: Copy<CmDrep>(body, target); break;
            case CmAttribute.SidrReq: Copy<CmSidrReq>(body, target); break;
            case CmAttribute.SidrRep: Copy<CmSidrRep>(body, target); break;
            case CmAttribute.Lap: Copy<CmLap>(body, target); break;
            case CmAttribute.Apr: Copy<CmApr>(body, target); break;
            default: Assert.Fail(attribute.ToString()); break;
        }
        return target;

        static void Copy<T>(ReadOnlySpan<byte> body, byte[] target) where T : struct, ICmMessage<T>
        {
            Assert.True(T.TryRead(body, out var message));
            Assert.True(T.TryRead(body, out var again));
            Assert.Equal(message, again);
            message.Write(target.AsSpan(24));
            Assert.NotEmpty(message.ToString()!);
        }
    }
}
