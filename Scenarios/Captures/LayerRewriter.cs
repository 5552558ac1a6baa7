using Weft.Protocol.Cm;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Iser;
using Weft.Protocol.Mad;
using Weft.Protocol.Scsi;
using Weft.Protocol.Srp;

namespace Weft.Scenarios.Captures;

/// <summary>
/// Makes each layer of a captured message again from the values that were read, and compares: identical bytes prove that nothing was
/// lost or misread. Every method returns what is wrong, or null.
/// </summary>
internal sealed class LayerRewriter(FrameCounts counts)
{
    private byte[] buffer = new byte[4096];

    private Span<byte> Room(int length)
    {
        if (buffer.Length < length) buffer = new byte[length * 2];
        return buffer.AsSpan(0, length);
    }

    /// <summary>Another layer's bytes: what is left of the first that differs.</summary>
    private static Violation? Compare(ReadOnlySpan<byte> original, ReadOnlySpan<byte> written, string what, string spec)
    {
        var same = original.CommonPrefixLength(written);
        return same == original.Length && same == written.Length ? null
            : new("rewrite", spec, $"{what} does not come out as it went in: byte {same} of {original.Length}");
    }

    public Violation? Cm(in MadHeader header, ReadOnlySpan<byte> message, bool isRdmaCmReq)
    {
        var copy = Room(CmMad.Length);
        header.Write(copy);
        if (!MadHeader.TryRead(copy, out var again) || again != header) return new("rewrite", "IBA 13.4.3", "the MAD header does not come out as it went in");
        var body = copy[MadHeader.Length..];
        var attribute = (CmAttribute)header.AttributeId;
        var ok = attribute switch
        {
            CmAttribute.Req => Rewrite<CmReq>(message, body),
            CmAttribute.Rep => Rewrite<CmRep>(message, body),
            CmAttribute.Rtu => Rewrite<CmRtu>(message, body),
            CmAttribute.Rej => Rewrite<CmRej>(message, body),
            CmAttribute.Mra => Rewrite<CmMra>(message, body),
            CmAttribute.Dreq => Rewrite<CmDreq>(message, body),
            CmAttribute.Drep => Rewrite<CmDrep>(message, body),
            CmAttribute.SidrReq => Rewrite<CmSidrReq>(message, body),
            CmAttribute.SidrRep => Rewrite<CmSidrRep>(message, body),
            CmAttribute.Lap => Rewrite<CmLap>(message, body),
            CmAttribute.Apr => Rewrite<CmApr>(message, body),
            _ => false,
        };
        if (!ok) return new("cm-attribute", "IBA 16.7.4", $"attribute 0x{header.AttributeId:x4} is not known");
        return Compare(message, body, $"the {attribute}", "IBA 12.6") ?? (isRdmaCmReq ? RdmaCm(message) : null);
    }

    private static bool Rewrite<T>(ReadOnlySpan<byte> message, Span<byte> target) where T : struct, ICmMessage<T>
    {
        target.Clear();
        if (!T.TryRead(message, out var value)) return false;
        value.Write(target);
        return true;
    }

    private Violation? RdmaCm(ReadOnlySpan<byte> message)
    {
        CmReq.TryRead(message, out var req);
        var data = req.PrivateData;
        RdmaCmHeader.TryRead(data, out var header);
        if (header.Check() is { } refused) return refused;
        var copy = Room(RdmaCmHeader.Length);
        header.Write(copy);
        return Compare(data[..RdmaCmHeader.Length], copy, "the RDMA CM header", "IBA A11.4");
    }

    public Violation? IserLogin(ReadOnlySpan<byte> data)
    {
        var copy = Room(data.Length);
        copy.Clear();
        IserCmPrivateData.TryRead(data, out var login);
        login.Write(copy);
        counts.LoginData++;
        return Compare(data, copy, "the iSER login data", "RFC 7145 annex A");
    }

    public Violation? SrpLogin(ReadOnlySpan<byte> data, bool isRdmaCm)
    {
        var copy = Room(data.Length);
        copy.Clear();
        if (isRdmaCm && SrpLoginRequest.TryReadRdmaCm(data, out var login)) login.WriteRdmaCm(copy);
        else if (!isRdmaCm && SrpLoginRequest.TryRead(data, out login)) login.Write(copy);
        else return new("srp-login", "SRP r16a 6.2", "no SRP_LOGIN_REQ");
        counts.LoginData++;
        return Compare(data, copy, "SRP_LOGIN_REQ", "SRP r16a 6.2");
    }

    public Violation? SrpLoginAnswer(ReadOnlySpan<byte> data)
    {
        var copy = Room(data.Length);
        copy.Clear();
        if (SrpLoginResponse.TryRead(data, out var response)) response.Write(copy);
        else if (SrpLoginReject.TryRead(data, out var reject)) reject.Write(copy);
        else return new("srp-login", "SRP r16a 6.3", $"neither SRP_LOGIN_RSP nor SRP_LOGIN_REJ: first byte 0x{data[0]:x2}");
        counts.LoginData++;
        return Compare(data, copy, "the SRP login's answer", "SRP r16a 6.3");
    }

    public Violation? Iser(ReadOnlySpan<byte> data)
    {
        if (IserMessage.TryRead(data, out var message) is { } unread) return unread;
        counts.Iser++;
        var copy = Room(data.Length);
        if (!message.Header.IsControl)
        {
            if (!IserHello.TryRead(data, out var hello)) return new("iser-hello", "RFC 7145 §9.3", "neither Hello nor HelloReply");
            hello.Write(copy);
            return Compare(data, copy, "the iSER Hello", "RFC 7145 §9.3");
        }
        counts.Iscsi++;
        var length = message.Write(copy);
        return Compare(data, copy[..length], "the iSER message", "RFC 7145 §9.1") ?? Pdu(message.Pdu);
    }

    private Violation? Pdu(scoped in PduView pdu)
    {
        if (!Enum.IsDefined(pdu.Bhs.Opcode)) return new("iscsi-opcode", "RFC 7143 §11.2.1.2", $"opcode 0x{(byte)pdu.Bhs.Opcode:x2}");
        if (!pdu.Ahs.IsEmpty && Segments(pdu.Ahs) is { } segment) return segment;
        switch (pdu.Bhs.Opcode)
        {
            case IscsiOpcode.ScsiCommand when Protocol.Iscsi.Pdu.TryView<ScsiCommandPdu>(pdu.Bhs, out var command):
                Span<byte> cdb = stackalloc byte[Protocol.Scsi.Cdb.Length];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(cdb, command.Cdb.High);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(cdb[8..], command.Cdb.Low);
                return Cdb(cdb);
            case IscsiOpcode.ScsiResponse when pdu.Data.Length >= 2:
                var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(pdu.Data);
                if (length > pdu.Data.Length - 2) return new("sense-length", "RFC 7143 §11.4.7.2", $"SenseLength {length} in {pdu.Data.Length} bytes");
                return length == 0 ? null : Sense(pdu.Data.Slice(2, length));
            case IscsiOpcode.LoginRequest or IscsiOpcode.LoginResponse or IscsiOpcode.TextRequest or IscsiOpcode.TextResponse:
                return pdu.Bhs.Has(1, 0x40) ? null : Text(pdu.Data); // with the C bit a pair may go on in the next PDU
            default:
                return null;
        }
    }

    private Violation? Segments(ReadOnlySpan<byte> segments)
    {
        var copy = Room(segments.Length);
        var at = 0;
        var reader = new AhsReader(segments);
        while (reader.MoveNext())
        {
            reader.Current.Write(copy[at..]);
            at += reader.Current.TotalLength;
        }
        return reader.Violation ?? Compare(segments, copy[..at], "the AHS", "RFC 7143 §11.2.2");
    }

    private Violation? Text(ReadOnlySpan<byte> text)
    {
        var writer = new TextKeyWriter(Room(text.Length + 1));
        var reader = new TextKeyReader(text);
        while (reader.MoveNext()) writer.Add(reader.Current.Key, reader.Current.Value);
        if (reader.Violation is { } refused) return refused;
        // Some peers count their padding as data.
        var extra = text.Length - writer.Length;
        if (extra is > 0 and <= 3 && !text[writer.Length..].ContainsAnyExcept((byte)0)) text = text[..writer.Length];
        return Compare(text, writer.Written, "the text", "RFC 7143 §6.1");
    }

    private Violation? Cdb(ReadOnlySpan<byte> bytes)
    {
        counts.ScsiCommands++;
        Protocol.Scsi.Cdb.TryRead(bytes, out var cdb);
        Span<byte> copy = stackalloc byte[Protocol.Scsi.Cdb.Length];
        cdb.Write(copy);
        return Compare(bytes, copy[..bytes.Length], "the CDB", "SPC-4 §4.2");
    }

    private Violation? Sense(ReadOnlySpan<byte> bytes)
    {
        counts.Sense++;
        if (!Protocol.Scsi.Sense.TryRead(bytes, out var sense)) return new("sense", "SPC-4 §4.5", $"response code 0x{bytes[0]:x2}");
        var isDescriptor = (bytes[0] & 0x7F) is 0x72 or 0x73;
        var copy = Room(Math.Max(bytes.Length, 64));
        copy.Clear();
        var length = sense.Write(copy, isDescriptor);
        // A sender may state more additional bytes than it fills, and pads with zeros.
        if (!isDescriptor && bytes.Length > 7) copy[7] = bytes[7];
        return Compare(bytes, copy[..bytes.Length], $"the sense data ({length} bytes known)", "SPC-4 §4.5");
    }

    public Violation? Srp(ReadOnlySpan<byte> unit, int immediateOffset)
    {
        if (unit.IsEmpty) return new("srp-length", "SRP r16a 6.1", "an empty information unit");
        var copy = Room(unit.Length);
        copy.Clear();
        counts.Srp++;
        if (SrpCommand.TryRead(unit, out var command)) return SrpCommandUnit(command, unit, copy, immediateOffset);
        if (SrpResponse.TryRead(unit, out var response))
        {
            response.Write(copy);
            response.ResponseData(unit).CopyTo(copy[SrpResponse.Length..]);
            response.Sense(unit).CopyTo(copy[(SrpResponse.Length + (int)response.ResponseLength)..]);
            var sense = response.Sense(unit);
            return Compare(unit, copy, "SRP_RSP", "SRP r16a 6.9") ?? (sense.IsEmpty ? null : Sense(sense));
        }
        if (SrpTaskManagement.TryRead(unit, out var management)) management.Write(copy);
        else if (SrpAsyncEvent.TryRead(unit, out var asyncEvent))
        {
            asyncEvent.Write(copy);
            unit.Slice(SrpAsyncEvent.Length, (int)asyncEvent.SenseLength).CopyTo(copy[SrpAsyncEvent.Length..]);
        }
        else if (SrpNotice.TryRead(unit, out var notice)) notice.Write(copy);
        else return new("srp-unit", "SRP r16a 6.1", $"first byte 0x{unit[0]:x2}, {unit.Length} bytes");
        return Compare(unit, copy, "the SRP information unit", "SRP r16a 6");
    }

    private Violation? SrpCommandUnit(in SrpCommand command, ReadOnlySpan<byte> unit, Span<byte> copy, int immediateOffset)
    {
        if (!command.TryReadBuffers(unit, out var dataOut, out var dataIn))
            return new("srp-buffers", "SRP r16a 5.6.2", $"formats {command.OutFormat}/{command.InFormat} in {unit.Length} bytes");
        command.Write(copy);
        var at = SrpCommand.Length + command.AdditionalCdbLength;
        unit[SrpCommand.Length..at].CopyTo(copy[SrpCommand.Length..]);
        dataOut.Write(copy[at..]);
        at += dataOut.EncodedLength;
        dataIn.Write(copy[at..]);
        if (command.OutFormat == SrpDataFormat.Immediate)
        {
            if (immediateOffset + (long)dataOut.TotalLength > unit.Length)
                return new("srp-immediate", "SRP-2", $"{dataOut.TotalLength} bytes of immediate data at {immediateOffset} in {unit.Length} bytes");
            // ib_srp leaves old bytes between the descriptors and the data.
            at += dataIn.EncodedLength;
            if (at < immediateOffset) unit[at..immediateOffset].CopyTo(copy[at..]);
            unit.Slice(immediateOffset, (int)dataOut.TotalLength).CopyTo(copy[immediateOffset..]);
        }
        return Compare(unit, copy, "SRP_CMD", "SRP r16a 6.7") ?? Cdb(unit.Slice(32, 16));
    }

    /// <summary>A frame that is no RoCE packet: names its protocol and rewrites what of it is known here.</summary>
    public string Other(ReadOnlySpan<byte> frame, out Violation? problem, out Violation? damage)
    {
        problem = damage = null;
        if (!EthernetHeader.TryRead(frame, out var ethernet)) return "cut";
        var payload = frame[EthernetHeader.Length..];
        switch (ethernet.EtherType)
        {
            case EtherType.Arp:
                if (!ArpPacket.TryRead(payload, out var arp)) return "ARP";
                var copy = Room(ArpPacket.Length);
                arp.Write(copy);
                problem = Compare(payload[..ArpPacket.Length], copy, "the ARP packet", "RFC 826");
                return "ARP";
            case EtherType.IPv4:
                if (!Ipv4Header.TryRead(payload, out var ip) || payload.Length < ip.HeaderLength) return "IPv4";
                if (!Ipv4Header.IsChecksumCorrect(payload[..ip.HeaderLength]))
                {
                    damage = new("ip-checksum", "RFC 791 §3.1", $"wrong IPv4 header checksum, so that even the protocol ({(byte)ip.Protocol}) is in doubt");
                    return "damaged IPv4";
                }
                return Above(ip.Protocol, payload[ip.HeaderLength..], ref problem);
            case EtherType.IPv6:
                if (!Ipv6Header.TryRead(payload, out var ip6)) return "IPv6";
                return Above(ip6.NextHeader, payload[Ipv6Header.Length..], ref problem);
            default:
                return $"EtherType 0x{(ushort)ethernet.EtherType:x4}";
        }
    }

    private string Above(IpProtocol protocol, ReadOnlySpan<byte> payload, ref Violation? problem)
    {
        switch (protocol)
        {
            case IpProtocol.Tcp:
                if (!TcpHeader.TryRead(payload, out var tcp)) return "TCP";
                var copy = Room(TcpHeader.Length);
                tcp.Write(copy);
                problem = Compare(payload[..TcpHeader.Length], copy, "the TCP header", "RFC 9293 §3.1");
                return "TCP";
            case IpProtocol.Udp:
                return "UDP";
            case IpProtocol.IcmpV6:
                return NeighborMessage.TryRead(payload, out _) ? "neighbour discovery" : "ICMPv6";
            default:
                return (byte)protocol == 1 ? "ICMP" : $"IP protocol {(byte)protocol}";
        }
    }
}
