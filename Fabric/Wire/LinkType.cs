namespace Weft.Fabric.Wire;

/// <summary>What a port is plugged into.</summary>
public enum LinkType : byte
{
    Ethernet,
    InfiniBand,
}
