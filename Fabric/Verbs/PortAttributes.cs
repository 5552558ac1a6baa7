namespace Weft.Fabric.Verbs;

/// <summary>State of a port. Numbers of libibverbs (enum ibv_port_state).</summary>
public enum PortState : byte
{
    Down = 1,
    Initialize = 2,
    Armed = 3,
    Active = 4,
}

/// <summary>A port's present state, as ibv_query_port reports it.</summary>
public readonly record struct PortAttributes(
    PortState State, Wire.LinkType LinkType, PathMtu MaxMtu, PathMtu ActiveMtu, int GidTableLength, int PKeyTableLength, Lid Lid = default, Lid SmLid = default);
