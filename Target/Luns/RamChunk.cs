namespace Weft.Target.Luns;

/// <summary>A stretch of a RAM disk that has at least one written block.</summary>
internal sealed class RamChunk(byte[] data)
{
    public readonly byte[] Data = data;
    /// <summary>Bit n: block n was written since it was last discarded. Other blocks are zeros.</summary>
    public ulong Mapped;
}
