namespace Weft.Target.Luns;

/// <summary>What a back end can be asked.</summary>
public enum StoreOperation : byte
{
    /// <summary>Blocks to Data.</summary>
    Read,
    /// <summary>Data to blocks.</summary>
    Write,
    /// <summary>Compares blocks with Data; with <see cref="StoreRequest.IsRepeated"/> each block with the one block in Data.</summary>
    Compare,
    /// <summary>
    /// Atomically: compares the blocks with the first half of Data and, when equal, writes the second half. SBC-3 §5.2.
    /// </summary>
    CompareAndWrite,
    /// <summary>Writes the one block in Data to every block of the range.</summary>
    WriteSame,
    /// <summary>Blocks become unmapped and read as zeros. A store that cannot unmap writes zeros.</summary>
    Discard,
    /// <summary>Checks that the blocks can be read, without moving data.</summary>
    Verify,
    /// <summary>Everything answered so far is on the medium when this is answered.</summary>
    Flush,
}
