namespace Weft.Protocol.Ib;

/// <summary>Why a transport packet cannot be taken as one. IBA Vol 1 §9.6 (packet header validation).</summary>
public enum PacketFault : byte
{
    None,
    /// <summary>Shorter than a BTH and an ICRC.</summary>
    TooShort,
    /// <summary>A transport version other than 0.</summary>
    Version,
    /// <summary>A reserved or vendor-specific opcode.</summary>
    Opcode,
    /// <summary>The extended headers that the opcode demands do not fit.</summary>
    HeaderCut,
    /// <summary>Payload and pad are not a multiple of four bytes.</summary>
    Alignment,
    /// <summary>The pad count is larger than what follows the headers.</summary>
    Pad,
    /// <summary>A payload where the opcode has none.</summary>
    UnexpectedPayload,
}

public static class PacketFaults
{
    /// <summary>The fault as a report; not for the packet path.</summary>
    public static Violation ToViolation(this PacketFault fault, ReadOnlySpan<byte> transport)
    {
        var opcode = transport.IsEmpty ? "" : $" ({OpcodeInfo.NameOf((BthOpcode)transport[0])}, {transport.Length} bytes)";
        return fault switch
        {
            PacketFault.TooShort => new("bth-length", "IBA 9.2", $"{transport.Length} bytes cannot hold a BTH and an ICRC"),
            PacketFault.Version => new("bth-tver", "IBA 9.2.4", $"transport version {transport[1] & 15}, only 0 exists"),
            PacketFault.Opcode => new("bth-opcode", "IBA 9.2.1", $"opcode 0x{transport[0]:x2} is reserved or vendor specific"),
            PacketFault.HeaderCut => new("eth-length", "IBA 9.3", $"extended headers do not fit{opcode}"),
            PacketFault.Alignment => new("payload-alignment", "IBA 9.2.3", $"payload and pad are not a multiple of four bytes{opcode}"),
            PacketFault.Pad => new("bth-pad", "IBA 9.2.3", $"pad count {transport[1] >> 4 & 3} exceeds what follows the headers{opcode}"),
            PacketFault.UnexpectedPayload => new("payload-unexpected", "IBA 9.4", $"a payload where the opcode has none{opcode}"),
            _ => new("none", "", "no fault"),
        };
    }
}
