namespace Weft.Target.Iser;

/// <summary>What a work request of a connection's send queue is for.</summary>
internal static class IserWorkKind
{
    public const byte LoginResponse = 0;
    /// <summary>Answer to a request.</summary>
    public const byte Response = 1;
    public const byte Ping = 2;
    /// <summary>RDMA READ: fetches data-out.</summary>
    public const byte Fetch = 3;
    /// <summary>RDMA WRITE: places data-in.</summary>
    public const byte Place = 4;
}
