namespace Weft.Target.Luns;

/// <summary>How a back end answers.</summary>
public enum StoreStatus : byte
{
    Done,
    /// <summary>Compare and CompareAndWrite: <see cref="StoreRequest.Position"/> is the first differing byte.</summary>
    Miscompare,
    /// <summary>A block cannot be read; Position is its LBA.</summary>
    ReadError,
    /// <summary>A block cannot be written; Position is its LBA.</summary>
    WriteError,
    /// <summary>No room on the medium behind.</summary>
    NoSpace,
    /// <summary>The medium refuses writes.</summary>
    ReadOnly,
    /// <summary>Something else broke.</summary>
    Failed,
}
