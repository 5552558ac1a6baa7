using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>
/// Writes BTH and extended headers straight into a packet. Each method returns the number of bytes written: the offset of the payload.
/// <see cref="Finish"/> adds the pad; the ICRC is the port's business, because it covers the network headers.
/// </summary>
public static class TransportBuilder
{
    /// <summary>A packet with a BTH only: SEND First, Middle, Last, Only; WRITE Middle, Last; READ Response Middle.</summary>
    public static int Plain(Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, bool solicited = false)
    {
        // The reserved bits leave as zero, never as the previous packet's bytes.
        WriteUInt64BigEndian(target,
            (ulong)opcode << 56 | (solicited ? 0x80UL << 48 : 0) | (ulong)pkey.Value << 32 | destination.Value);
        WriteUInt32BigEndian(target[8..], (ackRequest ? 0x8000_0000 : 0) | psn.Value);
        return Bth.Length;
    }

    /// <summary>SEND or WRITE Last with immediate; SEND Only with immediate.</summary>
    public static int Immediate(
        Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, bool solicited, uint immediate)
    {
        Plain(target, opcode, pkey, destination, psn, ackRequest, solicited);
        new ImmDt(immediate).Write(target[Bth.Length..]);
        return Bth.Length + ImmDt.Length;
    }

    /// <summary>SEND Last or Only with invalidate.</summary>
    public static int Invalidate(
        Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, bool solicited, RKey key)
    {
        Plain(target, opcode, pkey, destination, psn, ackRequest, solicited);
        new Ieth(key).Write(target[Bth.Length..]);
        return Bth.Length + Ieth.Length;
    }

    /// <summary>WRITE First or Only; READ Request.</summary>
    public static int Rdma(
        Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, in Reth reth, bool solicited = false)
    {
        Plain(target, opcode, pkey, destination, psn, ackRequest, solicited);
        reth.Write(target[Bth.Length..]);
        return Bth.Length + Reth.Length;
    }

    /// <summary>WRITE Only with immediate.</summary>
    public static int RdmaImmediate(
        Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, bool solicited, in Reth reth, uint immediate)
    {
        var length = Rdma(target, opcode, pkey, destination, psn, ackRequest, reth, solicited);
        new ImmDt(immediate).Write(target[length..]);
        return length + ImmDt.Length;
    }

    /// <summary>CmpSwap or FetchAdd.</summary>
    public static int Atomic(Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, in AtomicEth atomic)
    {
        Plain(target, opcode, pkey, destination, psn, ackRequest);
        atomic.Write(target[Bth.Length..]);
        return Bth.Length + AtomicEth.Length;
    }

    /// <summary>Acknowledge; READ Response First, Last, Only. Responses ask for no acknowledgement and raise no solicited event.</summary>
    public static int Response(Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, Aeth aeth)
    {
        Plain(target, opcode, pkey, destination, psn, ackRequest: false);
        aeth.Write(target[Bth.Length..]);
        return Bth.Length + Aeth.Length;
    }

    /// <summary>Atomic Acknowledge.</summary>
    public static int AtomicAcknowledge(Span<byte> target, PKey pkey, Qpn destination, Psn psn, Aeth aeth, ulong original)
    {
        var length = Response(target, BthOpcode.RcAtomicAcknowledge, pkey, destination, psn, aeth);
        new AtomicAckEth(original).Write(target[length..]);
        return length + AtomicAckEth.Length;
    }

    /// <summary>UD SEND Only, with immediate data when <paramref name="opcode"/> says so.</summary>
    public static int Datagram(
        Span<byte> target, BthOpcode opcode, PKey pkey, Qpn destination, Psn psn, bool ackRequest, bool solicited, Deth deth, uint immediate = 0)
    {
        Plain(target, opcode, pkey, destination, psn, ackRequest, solicited);
        deth.Write(target[Bth.Length..]);
        if (opcode != BthOpcode.UdSendOnlyImmediate) return Bth.Length + Deth.Length;
        new ImmDt(immediate).Write(target[(Bth.Length + Deth.Length)..]);
        return Bth.Length + Deth.Length + ImmDt.Length;
    }

    /// <summary>Pads the payload to a multiple of four with zeros and notes the pad count in the BTH. IBA Vol 1 §9.2.3.</summary>
    /// <param name="target">Starts at the BTH.</param>
    /// <returns>Length from BTH to pad: where the ICRC goes.</returns>
    public static int Finish(Span<byte> target, int headerLength, int payloadLength)
    {
        var pad = -payloadLength & 3;
        var end = headerLength + payloadLength;
        target.Slice(end, pad).Clear();
        target[1] |= (byte)(pad << 4);
        return end + pad;
    }
}
