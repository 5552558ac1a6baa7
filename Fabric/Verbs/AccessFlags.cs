namespace Weft.Fabric.Verbs;

/// <summary>What a memory region, window or QP permits. Numbers of libibverbs (enum ibv_access_flags). IBA Vol 1 §10.6.3.</summary>
[Flags]
public enum AccessFlags
{
    /// <summary>Local read only.</summary>
    None = 0,
    LocalWrite = 1,
    RemoteWrite = 2,
    RemoteRead = 4,
    RemoteAtomic = 8,
    MemoryWindowBind = 16,
    ZeroBased = 32,
}
