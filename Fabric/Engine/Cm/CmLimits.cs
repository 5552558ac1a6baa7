namespace Weft.Fabric.Engine.Cm;

/// <summary>What the communication manager uses where nobody gives a value: as Linux does on RoCE.</summary>
internal static class CmLimits
{
    /// <summary>Time in which either side answers a message: 4.3 s.</summary>
    public const int ResponseTimeout = 20;
    /// <summary>Packet lifetime that Linux assumes on RoCE: 1.07 s; with it a REQ is repeated every 6.4 s.</summary>
    public const int PacketLifetime = 18;
    public const int MaxRetries = 15;
    /// <summary>What an MRA asks for: 69 s.</summary>
    public const int MraTimeout = 24;
    public const byte HopLimit = 64;
    /// <summary>Ephemeral ports (ip_local_port_range).</summary>
    public const int FirstEphemeralPort = 32768;
    public const int EphemeralPorts = 60999 - FirstEphemeralPort + 1;
    /// <summary>Connections of a device, those in TIMEWAIT too; a REQ beyond them is rejected with reason 3.</summary>
    public const int MaxConnections = 65536;
    /// <summary>Consumer's part of the private data, by message.</summary>
    public const int RawReqPrivateData = 92, ReqPrivateData = 56, SidrReqPrivateData = 180, RepPrivateData = 196, RejPrivateData = 148, SidrRepPrivateData = 136;
    // Numbers of errno, negative, as librdmacm reports them.
    public const int TimedOut = -110, NoRoute = -113, Invalid = -22;
}
