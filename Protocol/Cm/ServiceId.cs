namespace Weft.Protocol.Cm;

/// <summary>What a REQ or SIDR REQ wants to reach. IBA Vol 1 §12.7.3; those of the RDMA CM carry a port space and a port, annex A11.2.</summary>
public readonly record struct ServiceId(ulong Value)
{
    private const ulong RdmaCm = 0x0000_0000_0100_0000;
    private const ulong RdmaCmMask = 0xFFFF_FFFF_FF00_0000;

    public static ServiceId For(PortSpace space, ushort port) => new((ulong)space << 16 | port);

    /// <summary>Whether the RDMA CM made it, so that the private data starts with its header.</summary>
    public bool IsRdmaCm => (Value & RdmaCmMask) == RdmaCm;
    /// <summary>Bits 31..16, meaningful when <see cref="IsRdmaCm"/>.</summary>
    public PortSpace PortSpace => (PortSpace)(Value >> 16);
    /// <summary>Bits 15..0, meaningful when <see cref="IsRdmaCm"/>.</summary>
    public ushort Port => (ushort)Value;

    public override string ToString() => IsRdmaCm && Enum.IsDefined(PortSpace) ? $"{PortSpace}:{Port}" : $"0x{Value:x16}";
}
