using System.Runtime.InteropServices;
using Weft.Fabric.Execution;

namespace Weft.Target.Luns;

/// <summary>
/// Blocks in memory, of which only those that were written take any: a large disk costs nothing to make. Thin: discarded blocks are
/// given back, and read as zeros.
/// </summary>
public class RamStore : BackStore
{
    private const int ChunkLength = 32 * 1024; // 64 blocks of 512 bytes, or 8 of 4096: one word of map bits
    private const int MaxSpare = 64;
    private readonly Dictionary<ulong, RamChunk> chunks = [];
    private readonly Stack<RamChunk> spare = new();
    private readonly int chunkBlocks;

    /// <param name="blocks">Size of the medium.</param>
    public RamStore(string name, ulong blocks, int blockLength = 512, IExecutor? executor = null, StoreTiming timing = default)
        : base(name, blocks, blockLength, executor, timing) => chunkBlocks = ChunkLength / blockLength;

    public override bool IsThin => true;

    /// <summary>Bytes of memory in use for blocks.</summary>
    public long Footprint => (long)(chunks.Count + spare.Count) * ChunkLength;

    protected override void Perform(StoreRequest request)
    {
        switch (request.Operation)
        {
            case StoreOperation.Read:
                Read(request.Lba, request.Data.Span);
                break;
            case StoreOperation.Write:
                Write(request.Lba, request.Data.Span);
                break;
            case StoreOperation.Compare:
                Compare(request, request.Data.Span, request.IsRepeated);
                break;
            case StoreOperation.CompareAndWrite:
                var half = (int)request.Blocks * BlockLength;
                Compare(request, request.Data.Span[..half], isRepeated: false);
                if (request.Status == StoreStatus.Done) Write(request.Lba, request.Data.Span[half..(2 * half)]);
                break;
            case StoreOperation.WriteSame:
                for (var i = 0L; i < request.Blocks; i++) Write(request.Lba + (ulong)i, request.Data.Span[..BlockLength]);
                break;
            case StoreOperation.Discard:
                Discard(request.Lba, request.Blocks);
                break;
            case StoreOperation.Verify or StoreOperation.Flush:
                break;
            default:
                request.Status = StoreStatus.Failed;
                break;
        }
    }

    /// <summary>Copies blocks out; for checks beside the data path.</summary>
    public void Read(ulong lba, Span<byte> target)
    {
        while (target.Length > 0)
        {
            var run = Run(lba, target.Length, out var chunk, out var start, make: false);
            if (chunk is null) target[..run].Clear();
            else chunk.Data.AsSpan(start, run).CopyTo(target);
            target = target[run..];
            lba += (ulong)(run / BlockLength);
        }
    }

    /// <summary>Copies blocks in; for tests and for preparing a disk.</summary>
    public void Write(ulong lba, ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            var run = Run(lba, source.Length, out var chunk, out var start, make: true);
            source[..run].CopyTo(chunk!.Data.AsSpan(start, run));
            chunk.Mapped |= Bits(start / BlockLength, run / BlockLength);
            source = source[run..];
            lba += (ulong)(run / BlockLength);
        }
    }

    public override long QueryMapping(ulong lba, long limit, out bool isMapped)
    {
        isMapped = IsMapped(lba);
        var run = 1L;
        while (run < limit)
        {
            var next = lba + (ulong)run;
            if (!chunks.TryGetValue(next / (ulong)chunkBlocks, out var chunk))
            {
                if (isMapped) break;
                run += chunkBlocks - (long)(next % (ulong)chunkBlocks);
            }
            else if ((chunk.Mapped >> (int)(next % (ulong)chunkBlocks) & 1) != 0 != isMapped) break;
            else run++;
        }
        return Math.Min(run, limit);
    }

    private bool IsMapped(ulong lba) =>
        chunks.TryGetValue(lba / (ulong)chunkBlocks, out var chunk) && (chunk.Mapped >> (int)(lba % (ulong)chunkBlocks) & 1) != 0;

    private void Compare(StoreRequest request, ReadOnlySpan<byte> expected, bool isRepeated)
    {
        var total = request.Blocks * BlockLength;
        for (var done = 0L; done < total;)
        {
            var lba = request.Lba + (ulong)(done / BlockLength);
            var wanted = isRepeated ? BlockLength : (int)Math.Min(total - done, int.MaxValue);
            var run = Run(lba, wanted, out var chunk, out var start, make: false);
            var against = isRepeated ? expected[..BlockLength] : expected.Slice((int)done, run);
            var same = chunk is null ? ZeroPrefix(against) : against.CommonPrefixLength(chunk.Data.AsSpan(start, run));
            if (same < run)
            {
                (request.Status, request.Position) = (StoreStatus.Miscompare, done + same);
                return;
            }
            done += run;
        }
    }

    private static int ZeroPrefix(ReadOnlySpan<byte> span)
    {
        var at = span.IndexOfAnyExcept((byte)0);
        return at < 0 ? span.Length : at;
    }

    private void Discard(ulong lba, long blocks)
    {
        while (blocks > 0)
        {
            var first = (int)(lba % (ulong)chunkBlocks);
            var run = (int)Math.Min(blocks, chunkBlocks - first);
            if (chunks.TryGetValue(lba / (ulong)chunkBlocks, out var chunk))
            {
                chunk.Data.AsSpan(first * BlockLength, run * BlockLength).Clear();
                chunk.Mapped &= ~Bits(first, run);
                if (chunk.Mapped == 0)
                {
                    chunks.Remove(lba / (ulong)chunkBlocks);
                    if (spare.Count < MaxSpare) spare.Push(chunk); // its bytes are zeros again
                }
            }
            lba += (ulong)run;
            blocks -= run;
        }
    }

    /// <summary>How many of the bytes at a block lie in its chunk, and where.</summary>
    private int Run(ulong lba, int length, out RamChunk? chunk, out int start, bool make)
    {
        var key = lba / (ulong)chunkBlocks;
        start = (int)(lba % (ulong)chunkBlocks) * BlockLength;
        if (make)
        {
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(chunks, key, out _);
            slot ??= spare.TryPop(out var used) ? used : new RamChunk(new byte[ChunkLength]);
            chunk = slot;
        }
        else chunks.TryGetValue(key, out chunk);
        return Math.Min(length, ChunkLength - start);
    }

    private static ulong Bits(int first, int count) => (count == 64 ? ulong.MaxValue : (1UL << count) - 1) << first;
}
