namespace Weft.Protocol.Nbd;

/// <summary>Flags of a request. NBD protocol, "Command flags".</summary>
[Flags]
public enum NbdCommandFlags : ushort
{
    None = 0,
    /// <summary>Forced unit access: durable before the reply.</summary>
    Fua = 1 << 0,
    /// <summary>WRITE_ZEROES must not deallocate.</summary>
    NoHole = 1 << 1,
}
