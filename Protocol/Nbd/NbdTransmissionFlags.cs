namespace Weft.Protocol.Nbd;

/// <summary>What an export can do. NBD protocol, "Transmission flags".</summary>
[Flags]
public enum NbdTransmissionFlags : ushort
{
    None = 0,
    HasFlags = 1 << 0,
    ReadOnly = 1 << 1,
    SendFlush = 1 << 2,
    SendFua = 1 << 3,
    Rotational = 1 << 4,
    SendTrim = 1 << 5,
    SendWriteZeroes = 1 << 6,
    /// <summary>What one connection has flushed, or written with FUA, every connection sees and no crash undoes.</summary>
    CanMultiConn = 1 << 8,
}
