using System.Buffers.Binary;
using Weft.Protocol.Ib;

namespace Weft.Wireshark.Tests;

/// <summary>The dissectors on native InfiniBand packets: LRH, with and without GRH, inside ERF records.</summary>
public class InfiniBandTests
{
    private const uint LinkTypeErf = 197;
    private const byte ErfInfiniBand = 21, LocalNextHeader = 2, GlobalNextHeader = 3;

    [TsharkTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_login_over_infiniband_shows_as_over_roce(bool global)
    {
        var roce = GoldenCapture.Named("iser-discovery").Path;
        var capture = Path.Combine(AppContext.BaseDirectory, $"infiniband-{global}.pcap");
        File.WriteAllBytes(capture, ToErf(File.ReadAllBytes(roce), global));

        string[] fields = ["weft.op", "weft.cm.msg", "weft.conn", "weft.conn.protocol", "weft.icrc.status", "iser.flags.opcode", "iscsi.opcode", "iscsi.keyvalue"];
        var expected = Tshark.Fields(roce, fields, "infiniband");
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Tshark.Fields(capture, fields, "infiniband"));
        Assert.DoesNotContain(Tshark.Examine(capture), frame => frame.IsBroken || frame.LuaError.Length > 0);
    }

    // Takes RoCEv2 over IPv4 out of Ethernet and puts LRH, GRH, ICRC and an empty VCRC around it.
    private static byte[] ToErf(byte[] capture, bool global)
    {
        var output = new MemoryStream();
        output.Write(capture.AsSpan(0, 20));
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, LinkTypeErf);
        output.Write(number);
        for (var at = 24; at + 16 <= capture.Length;)
        {
            var header = capture.AsSpan(at, 16);
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            var frame = capture.AsSpan(at + 16, length);
            at += 16 + length;
            if (frame[12] != 0x08 || frame[13] != 0x00 || frame[23] != 17) continue;
            var transport = frame[42..(14 + BinaryPrimitives.ReadUInt16BigEndian(frame[16..]) - Icrc.Length)];

            var networkLength = global ? 48 : 8;
            var packet = new byte[networkLength + transport.Length + Icrc.Length + 2];
            packet[1] = global ? GlobalNextHeader : LocalNextHeader;
            packet[3] = frame[33]; // LIDs: the last byte of the addresses
            packet[7] = frame[29];
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)((packet.Length - 2) / 4));
            if (global)
            {
                packet[8] = 0x60;
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), (ushort)(transport.Length + Icrc.Length));
                (packet[14], packet[15]) = (0x1B, 64);
                packet.AsSpan(26, 2).Fill(0xFF);
                frame[26..30].CopyTo(packet.AsSpan(28));
                packet.AsSpan(42, 2).Fill(0xFF);
                frame[30..34].CopyTo(packet.AsSpan(44));
            }
            transport.CopyTo(packet.AsSpan(networkLength));
            Icrc.Write(packet.AsSpan(networkLength + transport.Length), Icrc.ComputeLrh(packet.AsSpan(0, networkLength + transport.Length)));

            var record = new byte[16];
            BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), BinaryPrimitives.ReadUInt32LittleEndian(header)); // seconds
            (record[8], record[9]) = (ErfInfiniBand, 4);
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(10), (ushort)(record.Length + packet.Length));
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(14), (ushort)packet.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)(record.Length + packet.Length));
            BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)(record.Length + packet.Length));
            output.Write(header);
            output.Write(record);
            output.Write(packet);
        }
        return output.ToArray();
    }
}
