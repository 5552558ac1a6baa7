using System.Text;

namespace Weft.Protocol.Ib;

/// <summary>
/// What an opcode implies: role, position in the message, extended headers, use of a receive WQE. One 32-bit word from a table of
/// 256, so that a lookup on the packet path is one load. IBA Vol 1 §9.2.1 table 38 and §9.3 (header order).
/// </summary>
public readonly record struct OpcodeInfo(uint Bits)
{
    // Position of the packet in its message; exactly one is set for SEND, WRITE and READ response.
    private const uint First = 1 << 0, Middle = 1 << 1, Last = 1 << 2, Only = 1 << 3;
    // What it does.
    private const uint Send = 1 << 4, Write = 1 << 5, ReadRq = 1 << 6, ReadRs = 1 << 7, Ack = 1 << 8, Atomic = 1 << 9, AtomicAck = 1 << 10;
    // Which extended headers it has.
    private const uint Rdeth = 1 << 11, Deth = 1 << 12, Xrceth = 1 << 13, Feth = 1 << 14, Reth = 1 << 15, AtEth = 1 << 16,
        Aeth = 1 << 17, AtAckEth = 1 << 18, Imm = 1 << 19, Ieth = 1 << 20;
    private const uint Takes = 1 << 21, Payload = 1 << 22, Known = 1 << 23;
    // Bits 24..27: where RETH, AtomicETH or AETH starts; bits 28..31: length of BTH and extended headers; both in 4-byte words.
    private const uint At = 1u << 24, Len = 1u << 28;
    private const uint Base = Known + 3 * At + 3 * Len;

    private const uint SendF = Base + Send + First + Takes + Payload, SendM = Base + Send + Middle + Payload, SendL = Base + Send + Last + Payload,
        SendO = Base + Send + Only + Takes + Payload, WithImm = Imm + Len, WithInv = Ieth + Len, WithReth = Reth + 4 * Len,
        WriteF = Base + Write + First + Payload + WithReth, WriteM = Base + Write + Middle + Payload, WriteL = Base + Write + Last + Payload,
        WriteO = Base + Write + Only + Payload + WithReth, Read = Base + ReadRq + Only + WithReth, WithAeth = Aeth + Len,
        ReadF = Base + ReadRs + First + Payload + WithAeth, ReadM = Base + ReadRs + Middle + Payload, ReadL = Base + ReadRs + Last + Payload + WithAeth,
        ReadO = Base + ReadRs + Only + Payload + WithAeth, Acks = Base + Ack + Only + WithAeth,
        AtomAck = Base + AtomicAck + Only + WithAeth + AtAckEth + 2 * Len, Atom = Base + Atomic + Only + AtEth + 7 * Len,
        Flush = Base + Only + Feth + At + Len + WithReth, AtWrite = Base + Only + Payload + WithReth;
    // What a transport adds in front. RD requests carry RDETH and DETH, RD responses RDETH alone; XRC responses add nothing.
    private const uint Rq = Rdeth + Deth + 3 * At + 3 * Len, Rs = Rdeth + At + Len, D = Deth + 2 * At + 2 * Len, X = Xrceth + At + Len;

    // An array, not a span over the assembly's data: unoptimised code would allocate a field handle at each use of such a span.
    private static readonly uint[] Table =
    [
        // RC
        SendF, SendM, SendL, SendL + WithImm, SendO, SendO + WithImm, WriteF, WriteM,
        WriteL, WriteL + WithImm + Takes, WriteO, WriteO + WithImm + Takes, Read, ReadF, ReadM, ReadL,
        ReadO, Acks, AtomAck, Atom, Atom, 0, SendL + WithInv, SendO + WithInv,
        0, 0, 0, 0, Flush, AtWrite, 0, 0,
        // UC
        SendF, SendM, SendL, SendL + WithImm, SendO, SendO + WithImm, WriteF, WriteM,
        WriteL, WriteL + WithImm + Takes, WriteO, WriteO + WithImm + Takes, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        // RD
        SendF + Rq, SendM + Rq, SendL + Rq, SendL + Rq + WithImm, SendO + Rq, SendO + Rq + WithImm, WriteF + Rq, WriteM + Rq,
        WriteL + Rq, WriteL + Rq + WithImm + Takes, WriteO + Rq, WriteO + Rq + WithImm + Takes, Read + Rq, ReadF + Rs, ReadM + Rs, ReadL + Rs,
        ReadO + Rs, Acks + Rs, AtomAck + Rs, Atom + Rq, Atom + Rq, Base + Only + Rq, 0, 0, // 0x55: RESYNC
        0, 0, 0, 0, 0, 0, 0, 0,
        // UD
        0, 0, 0, 0, SendO + D, SendO + D + WithImm, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        // CNP: sixteen reserved bytes follow the BTH
        0, Base + Only + Payload, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        // XRC
        SendF + X, SendM + X, SendL + X, SendL + X + WithImm, SendO + X, SendO + X + WithImm, WriteF + X, WriteM + X,
        WriteL + X, WriteL + X + WithImm + Takes, WriteO + X, WriteO + X + WithImm + Takes, Read + X, ReadF, ReadM, ReadL,
        ReadO, Acks, AtomAck, Atom + X, Atom + X, 0, SendL + X + WithInv, SendO + X + WithInv,
        0, 0, 0, 0, 0, 0, 0, 0,
        // reserved
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        // vendor specific
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    public static OpcodeInfo Of(BthOpcode opcode) => new(Table[(byte)opcode]);

    public static TransportService ServiceOf(BthOpcode opcode) => (TransportService)((byte)opcode >> 5);

    /// <summary>False for reserved and vendor opcodes; nothing else is then set.</summary>
    public bool IsKnown => (Bits & Known) != 0;
    public bool IsFirst => (Bits & First) != 0;
    public bool IsMiddle => (Bits & Middle) != 0;
    public bool IsLast => (Bits & Last) != 0;
    public bool IsOnly => (Bits & Only) != 0;
    /// <summary>First or Only.</summary>
    public bool StartsMessage => (Bits & (First | Only)) != 0;
    /// <summary>Last or Only.</summary>
    public bool EndsMessage => (Bits & (Last | Only)) != 0;
    public bool IsSend => (Bits & Send) != 0;
    public bool IsWrite => (Bits & Write) != 0;
    public bool IsReadRequest => (Bits & ReadRq) != 0;
    public bool IsReadResponse => (Bits & ReadRs) != 0;
    /// <summary>Acknowledge, positive or negative.</summary>
    public bool IsAcknowledge => (Bits & Ack) != 0;
    /// <summary>CmpSwap or FetchAdd.</summary>
    public bool IsAtomic => (Bits & Atomic) != 0;
    public bool IsAtomicAcknowledge => (Bits & AtomicAck) != 0;
    /// <summary>READ response, Acknowledge or Atomic Acknowledge: the requester's business.</summary>
    public bool IsResponse => (Bits & (ReadRs | Ack | AtomicAck)) != 0;
    public bool HasRdeth => (Bits & Rdeth) != 0;
    public bool HasDeth => (Bits & Deth) != 0;
    public bool HasXrceth => (Bits & Xrceth) != 0;
    public bool HasFeth => (Bits & Feth) != 0;
    public bool HasReth => (Bits & Reth) != 0;
    public bool HasAtomicEth => (Bits & AtEth) != 0;
    public bool HasAeth => (Bits & Aeth) != 0;
    public bool HasAtomicAckEth => (Bits & AtAckEth) != 0;
    public bool HasImmediate => (Bits & Imm) != 0;
    public bool HasInvalidate => (Bits & Ieth) != 0;
    /// <summary>A receive WQE must be there when this packet arrives: SEND First/Only, and WRITE Last/Only with immediate.</summary>
    public bool TakesReceive => (Bits & Takes) != 0;
    /// <summary>A receive completion is due after this packet: SEND Last/Only, and WRITE Last/Only with immediate.</summary>
    public bool CompletesReceive => (Bits & (Send | Imm)) != 0 && EndsMessage;
    /// <summary>The packet may have a payload; without it, one is a fault.</summary>
    public bool MayHavePayload => (Bits & Payload) != 0;
    /// <summary>BTH and extended headers, in bytes: 12..52.</summary>
    public int HeaderLength => (int)(Bits >> 28) * 4;
    /// <summary>Offset from the BTH of RETH, AtomicETH or AETH (or of the end of the headers in front of them).</summary>
    public int MainHeaderOffset => (int)(Bits >> 24 & 15) * 4;
    /// <summary>Offset of ImmDt or IETH, always the last header.</summary>
    public int TrailingHeaderOffset => HeaderLength - 4;
    public int DethOffset => Bth.Length + ((Bits & Rdeth) != 0 ? 4 : 0);

    /// <summary>Name of an opcode as dissectors print it, e.g. <c>RC SEND Last with Invalidate</c>.</summary>
    public static string NameOf(BthOpcode opcode)
    {
        var info = Of(opcode);
        if (!info.IsKnown) return $"opcode 0x{(byte)opcode:x2}";
        if (opcode == BthOpcode.CongestionNotification) return "CNP";
        var name = new StringBuilder(ServiceOf(opcode) switch
        {
            TransportService.ReliableConnection => "RC ",
            TransportService.UnreliableConnection => "UC ",
            TransportService.ReliableDatagram => "RD ",
            TransportService.UnreliableDatagram => "UD ",
            _ => "XRC ",
        });
        if (info.IsReadRequest) return name.Append("RDMA READ Request").ToString();
        if (info.IsAcknowledge) return name.Append("Acknowledge").ToString();
        if (info.IsAtomicAcknowledge) return name.Append("Atomic Acknowledge").ToString();
        if (info.IsAtomic) return name.Append(((byte)opcode & 31) == 0x13 ? "CmpSwap" : "FetchAdd").ToString();
        if (info.HasFeth) return name.Append("FLUSH").ToString();
        if (opcode == BthOpcode.RcAtomicWrite) return name.Append("ATOMIC WRITE").ToString();
        if (!info.IsSend && !info.IsWrite && !info.IsReadResponse) return name.Append("RESYNC").ToString();
        name.Append(info.IsSend ? "SEND" : info.IsWrite ? "RDMA WRITE" : "RDMA READ Response");
        name.Append(info.IsFirst ? " First" : info.IsMiddle ? " Middle" : info.IsLast ? " Last" : " Only");
        if (info.HasImmediate) name.Append(" with Immediate");
        if (info.HasInvalidate) name.Append(" with Invalidate");
        return name.ToString();
    }
}
