using Weft.Fabric.Execution;

namespace Weft.Target.Luns;

/// <summary>
/// One question to a back end, owned and reused by the asker. Range and data are valid from <see cref="IBackStore.Submit"/> until
/// <see cref="Completed"/>, which comes exactly once, perhaps inside Submit.
/// </summary>
public abstract class StoreRequest : WorkItem
{
    internal BackStore? Store;
    internal StoreLane? Lane;

    public StoreOperation Operation { get; set; }
    public ulong Lba { get; set; }
    public long Blocks { get; set; }
    /// <summary>As many bytes as the operation needs; see <see cref="StoreOperation"/>.</summary>
    public Memory<byte> Data { get; set; }
    /// <summary>Writes: on the medium before the answer.</summary>
    public bool IsForced { get; set; }
    /// <summary>Compare: Data is one block, compared with each.</summary>
    public bool IsRepeated { get; set; }

    public StoreStatus Status { get; set; }
    /// <summary>Byte offset of a miscompare, or LBA of a medium error.</summary>
    public long Position { get; set; }

    /// <summary>Called on the executor when <see cref="Status"/> is there.</summary>
    public abstract void Completed();

    /// <summary>For the store's lane.</summary>
    public sealed override void Run() => Store!.Finish(this);
}
