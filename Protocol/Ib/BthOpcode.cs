namespace Weft.Protocol.Ib;

/// <summary>
/// BTH opcodes: transport in bits 7..5, operation in bits 4..0. IBA Vol 1 §9.2.1 table 38; FLUSH and ATOMIC WRITE: annex A19.
/// Values not listed exist on the wire (a peer may send anything); <see cref="OpcodeInfo.Of"/> says what is known about each.
/// </summary>
public enum BthOpcode : byte
{
    RcSendFirst = 0x00,
    RcSendMiddle = 0x01,
    RcSendLast = 0x02,
    RcSendLastImmediate = 0x03,
    RcSendOnly = 0x04,
    RcSendOnlyImmediate = 0x05,
    RcWriteFirst = 0x06,
    RcWriteMiddle = 0x07,
    RcWriteLast = 0x08,
    RcWriteLastImmediate = 0x09,
    RcWriteOnly = 0x0A,
    RcWriteOnlyImmediate = 0x0B,
    RcReadRequest = 0x0C,
    RcReadResponseFirst = 0x0D,
    RcReadResponseMiddle = 0x0E,
    RcReadResponseLast = 0x0F,
    RcReadResponseOnly = 0x10,
    RcAcknowledge = 0x11,
    RcAtomicAcknowledge = 0x12,
    RcCompareSwap = 0x13,
    RcFetchAdd = 0x14,
    RcSendLastInvalidate = 0x16,
    RcSendOnlyInvalidate = 0x17,
    RcFlush = 0x1C,
    RcAtomicWrite = 0x1D,

    UcSendFirst = 0x20,
    UcSendMiddle = 0x21,
    UcSendLast = 0x22,
    UcSendLastImmediate = 0x23,
    UcSendOnly = 0x24,
    UcSendOnlyImmediate = 0x25,
    UcWriteFirst = 0x26,
    UcWriteMiddle = 0x27,
    UcWriteLast = 0x28,
    UcWriteLastImmediate = 0x29,
    UcWriteOnly = 0x2A,
    UcWriteOnlyImmediate = 0x2B,

    UdSendOnly = 0x64,
    UdSendOnlyImmediate = 0x65,

    /// <summary>RoCEv2 congestion notification packet. IBA annex A17.9.3.</summary>
    CongestionNotification = 0x81,
}
