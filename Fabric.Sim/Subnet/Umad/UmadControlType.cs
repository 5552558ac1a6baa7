namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>What a control datagram of libumad2sim asks for.</summary>
public enum UmadControlType : uint
{
    /// <summary>In a reply: it failed.</summary>
    Error = 0,
    Connect = 1,
    Disconnect = 2,
    GetPort = 3,
    GetVendor = 4,
    GetGid = 5,
    GetGuid = 6,
    GetNodeInfo = 7,
    GetPortInfo = 8,
    SetIsSm = 9,
    GetPKeys = 10,
}
