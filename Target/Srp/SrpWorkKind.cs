namespace Weft.Target.Srp;

/// <summary>What a work request of a channel's send queue is for.</summary>
internal static class SrpWorkKind
{
    /// <summary>SRP_RSP.</summary>
    public const byte Response = 0;
    /// <summary>RDMA READ: fetches data-out.</summary>
    public const byte Fetch = 1;
    /// <summary>RDMA WRITE: places data-in.</summary>
    public const byte Place = 2;
    /// <summary>RDMA READ: fetches a table of descriptors.</summary>
    public const byte Table = 3;
    /// <summary>SRP_CRED_REQ.</summary>
    public const byte Credit = 4;
}
