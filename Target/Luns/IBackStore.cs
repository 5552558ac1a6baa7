namespace Weft.Target.Luns;

/// <summary>A disk's memory: blocks that can be read, written and forgotten. Answers may come in any order.</summary>
public interface IBackStore
{
    /// <summary>Bytes in a logical block: a power of two, 512..4096.</summary>
    int BlockLength { get; }
    /// <summary>Blocks on the medium, at least 1.</summary>
    ulong Blocks { get; }
    /// <summary>Writes are refused.</summary>
    bool IsReadOnly { get; }
    /// <summary>Discarded blocks are really given back, and <see cref="QueryMapping"/> knows them.</summary>
    bool IsThin { get; }

    /// <summary>Starts an operation on a range that lies on the medium.</summary>
    void Submit(StoreRequest request);

    /// <summary>How many blocks from <paramref name="lba"/> on, up to <paramref name="limit"/>, are alike, and whether they are mapped.</summary>
    long QueryMapping(ulong lba, long limit, out bool isMapped);
}
