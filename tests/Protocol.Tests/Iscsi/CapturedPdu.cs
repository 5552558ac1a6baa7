using Weft.Protocol.Capture;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Protocol.Roce;
using Weft.Protocol.Tests.Cm;

namespace Weft.Protocol.Tests.Iscsi;

/// <summary>
/// One iSCSI PDU that a Linux peer sent, put together from the packets of tests/data/captures: over iSER the whole SEND, over TCP the PDU.
/// Frames whose ICRC is wrong are left out, as the receiver left them out.
/// </summary>
/// <param name="Frame">Number of the first packet over iSER, of the last over TCP.</param>
public sealed record CapturedPdu(string Capture, int Frame, bool FromInitiator, bool IsIser, byte[] Bytes)
{
    private const uint InitiatorAddress = 0x0A09_000C; // 10.9.0.12 in every capture
    private const ushort IscsiPort = 3260;
    private static readonly Lazy<IReadOnlyList<CapturedPdu>> Loaded = new(Load);
    public static IReadOnlyList<CapturedPdu> All => Loaded.Value;

    public static CapturedPdu Find(string capture, int frame) => All.Single(c => c.Capture == capture && c.Frame == frame);
    public static IEnumerable<CapturedPdu> Of(string capture) => All.Where(c => c.Capture == capture);

    public ReadOnlySpan<byte> Pdu => IsIser ? Bytes.AsSpan(IserHeader.Length) : Bytes;
    /// <summary>A short one, for corpora.</summary>
    public bool IsSmall => Bytes.Length < 1500;

    public T View<T>(out byte[] data)
        where T : struct, IPdu<T>
    {
        Assert.Null(PduView.TryRead(Pdu, out var view));
        data = view.Data.ToArray();
        Assert.True(Protocol.Iscsi.Pdu.TryView<T>(view.Bhs, out var pdu));
        return pdu;
    }

    private static IReadOnlyList<CapturedPdu> Load()
    {
        var list = new List<CapturedPdu>();
        foreach (var file in Directory.GetFiles(Path.Combine(CapturedCm.DataDirectory(), "captures"), "*.pcap").Order(StringComparer.Ordinal))
        {
            var capture = Path.GetFileNameWithoutExtension(file);
            if (capture.StartsWith("iser") || capture.StartsWith("tgt")) LoadIser(file, capture, list);
            else if (capture.StartsWith("tcp")) LoadTcp(file, capture, list);
        }
        return list;
    }

    private static void LoadIser(string file, string capture, List<CapturedPdu> list)
    {
        using var stream = File.OpenRead(file);
        var reader = CaptureReader.Open(stream, out _)!;
        var open = new Dictionary<(Gid, Qpn), (int Frame, Psn Last, List<byte> Bytes)>();
        while (reader.TryRead(out var captured))
        {
            var frame = captured.Data.Span;
            if (RoceFrame.TryParse(frame, out var parts) != FrameFault.None || !parts.IsIcrcCorrect(frame)
                || TransportPacket.TryParse(parts.Transport(frame), out var packet) != PacketFault.None) continue;
            parts.ReadAddresses(frame, out var source, out var destination);
            var key = (destination, packet.DestQp);
            var fromInitiator = source.IPv4 == InitiatorAddress;
            switch (packet.Opcode)
            {
                case BthOpcode.RcSendOnly or BthOpcode.RcSendOnlyInvalidate:
                    list.Add(new(capture, captured.Number, fromInitiator, true, packet.Payload.ToArray()));
                    break;
                case BthOpcode.RcSendFirst:
                    open[key] = (captured.Number, packet.Psn, [.. packet.Payload]);
                    break;
                case BthOpcode.RcSendMiddle or BthOpcode.RcSendLast or BthOpcode.RcSendLastInvalidate when open.TryGetValue(key, out var begun) && packet.Psn == begun.Last.Next:
                    begun.Bytes.AddRange(packet.Payload);
                    open[key] = begun with { Last = packet.Psn };
                    if (packet.Opcode == BthOpcode.RcSendMiddle) break;
                    open.Remove(key);
                    list.Add(new(capture, begun.Frame, fromInitiator, true, [.. begun.Bytes]));
                    break;
            }
        }
        Assert.Null(reader.Error);
    }

    private static void LoadTcp(string file, string capture, List<CapturedPdu> list)
    {
        using var stream = File.OpenRead(file);
        var reader = CaptureReader.Open(stream, out _)!;
        var streams = new Dictionary<(uint, ushort), (uint Next, List<byte> Bytes)>();
        while (reader.TryRead(out var captured))
        {
            var packet = captured.Data.Span;
            if (packet.Length < EthernetHeader.Length || !Ipv4Header.TryRead(packet[EthernetHeader.Length..], out var ip) || ip.Protocol != IpProtocol.Tcp) continue;
            var segment = packet.Slice(EthernetHeader.Length + ip.HeaderLength, ip.TotalLength - ip.HeaderLength);
            if (!TcpHeader.TryRead(segment, out var tcp) || (tcp.SourcePort != IscsiPort && tcp.DestinationPort != IscsiPort)) continue;
            var data = segment[tcp.HeaderLength..];
            if (data.IsEmpty) continue;
            var key = (ip.Source, tcp.SourcePort);
            var flow = streams.GetValueOrDefault(key, (tcp.Sequence, []));
            if (tcp.Sequence != flow.Item1) continue; // sent again
            var bytes = flow.Item2;
            bytes.AddRange(data);
            while (Bhs.TryRead(bytes.ToArray(), out var bhs) && bytes.Count >= Bhs.Length + bhs.AhsLength + bhs.PaddedDataLength)
            {
                var length = Bhs.Length + bhs.AhsLength + bhs.PaddedDataLength;
                list.Add(new(capture, captured.Number, ip.Source == InitiatorAddress, false, [.. bytes.Take(length)]));
                bytes.RemoveRange(0, length);
            }
            streams[key] = (tcp.Sequence + (uint)data.Length, bytes);
        }
        Assert.Null(reader.Error);
    }

    public override string ToString() => $"{Capture} frame {Frame}";
}
