namespace Weft.Target.Iser;

/// <summary>What a work request of the send queue is for.</summary>
internal enum IserWorkKind : byte
{
    LoginResponse,
    /// <summary>Answer to a request.</summary>
    Response,
    Ping,
    /// <summary>RDMA READ: fetches data-out.</summary>
    Fetch,
    /// <summary>RDMA WRITE: places data-in.</summary>
    Place,
    /// <summary>Marks the end of the send queue.</summary>
    Drain,
}
