namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>What a record of a served session is.</summary>
public enum SessionRecordKind : byte
{
    /// <summary>The topology, as text; the first record.</summary>
    Topology = 1,
    /// <summary>A control datagram that came, or the answer to it.</summary>
    ControlIn = 2,
    ControlOut = 3,
    /// <summary>A data datagram that came from a client, or went to it.</summary>
    DataIn = 4,
    DataOut = 5,
    /// <summary>A line to the console.</summary>
    Command = 6,
    /// <summary>A client's socket is gone.</summary>
    Gone = 7,
    /// <summary>Node and port where clients attach that name none.</summary>
    DefaultPort = 8,
    /// <summary>Time has passed: traps that nobody has repressed are sent again.</summary>
    Time = 9,
}
