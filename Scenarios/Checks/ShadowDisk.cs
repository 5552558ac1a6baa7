namespace Weft.Scenarios.Checks;

/// <summary>
/// What a disk must hold, kept beside it. Whoever writes takes its blocks first, so that at any moment each block has one writer or any
/// number of readers, and every answer can be checked, whatever the order. A write whose outcome is unknown leaves both contents possible.
/// </summary>
internal sealed class ShadowDisk(int blocks, int blockLength)
{
    private readonly byte[] content = new byte[blocks * blockLength];
    private readonly int[] readers = new int[blocks];
    private readonly bool[] isWritten = new bool[blocks];
    private readonly Dictionary<int, List<byte[]>> alternatives = [];

    public int Blocks => blocks;
    public int BlockLength => blockLength;

    /// <summary>Takes blocks for a command, if no other that is under way is in the way.</summary>
    public bool TryTake(int lba, int count, bool writes)
    {
        for (var i = lba; i < lba + count; i++)
            if (isWritten[i] || writes && readers[i] > 0) return false;
        for (var i = lba; i < lba + count; i++)
        {
            if (writes) isWritten[i] = true;
            else readers[i]++;
        }
        return true;
    }

    public void Return(int lba, int count, bool writes)
    {
        for (var i = lba; i < lba + count; i++)
        {
            if (writes) isWritten[i] = false;
            else readers[i]--;
        }
    }

    /// <summary>What the blocks hold, as far as that is known; to build a comparison from.</summary>
    public ReadOnlySpan<byte> Content(int lba, int count) => content.AsSpan(lba * blockLength, count * blockLength);

    /// <summary>Whether more than one content is possible.</summary>
    public bool IsDoubtful(int lba, int count)
    {
        for (var i = lba; i < lba + count; i++)
            if (alternatives.ContainsKey(i)) return true;
        return false;
    }

    /// <summary>An acknowledged write.</summary>
    public void Write(int lba, ReadOnlySpan<byte> data)
    {
        data.CopyTo(content.AsSpan(lba * blockLength));
        for (var i = lba; i < lba + data.Length / blockLength; i++) alternatives.Remove(i);
    }

    /// <summary>A write that was not acknowledged: each block holds this, or what it held.</summary>
    public void MayHaveWritten(int lba, ReadOnlySpan<byte> data)
    {
        for (var i = 0; i < data.Length / blockLength; i++)
        {
            if (!alternatives.TryGetValue(lba + i, out var list)) alternatives.Add(lba + i, list = []);
            list.Add(data.Slice(i * blockLength, blockLength).ToArray());
        }
    }

    /// <summary>Checks what was read.</summary>
    /// <returns>The first block that holds something it cannot hold, or -1. What was doubtful and was read is known from then on.</returns>
    public int Check(int lba, ReadOnlySpan<byte> data)
    {
        for (var i = 0; i < data.Length / blockLength; i++)
        {
            var block = data.Slice(i * blockLength, blockLength);
            var number = lba + i;
            if (!block.SequenceEqual(Content(number, 1)))
            {
                if (!alternatives.TryGetValue(number, out var list)) return number;
                var found = false;
                foreach (var other in list) found |= block.SequenceEqual(other);
                if (!found) return number;
                block.CopyTo(content.AsSpan(number * blockLength));
            }
            alternatives.Remove(number);
        }
        return -1;
    }
}
