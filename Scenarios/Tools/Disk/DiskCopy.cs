using System.Threading;
using DiskUnit = Weft.Initiator.Disk;

namespace Weft.Scenarios.Tools.Disk;

/// <summary>
/// Moves a range of a disk to or from a file, in pieces, several at once where the file can be read and written anywhere.
/// A range starts at a block; the last block's rest is kept when writing and cut when reading.
/// </summary>
internal sealed class DiskCopy(DiskUnit disk, long start, long length, Stream file)
{
    private const int Piece = 256 << 10;
    private const int Depth = 8;

    private long next;
    private long done;
    private bool isAtEnd;

    /// <summary>Bytes moved; other threads may look.</summary>
    public long Done => Interlocked.Read(ref done);
    public long Length => length;
    /// <summary>Where on the disk the first byte differs (<see cref="CompareAsync"/>), or -1.</summary>
    public long FirstDifference { get; private set; } = -1;
    public long Differences { get; private set; }

    /// <summary>Disk to file.</summary>
    public Task ReadAsync(CancellationToken cancel) => RunAsync(async (at, buffer, size) =>
    {
        await disk.ReadAsync(Block(at), buffer[..Whole(size)]);
        if (file.CanSeek) file.Position = at;
        file.Write(buffer.Span[..size]);
        return size;
    }, cancel);

    /// <summary>File to disk; ends early when the file does.</summary>
    public Task WriteAsync(CancellationToken cancel) => RunAsync(async (at, buffer, size) =>
    {
        size = Fill(at, buffer.Span[..size]);
        if (size % disk.BlockLength != 0)
        {
            var last = size / disk.BlockLength * disk.BlockLength;
            var block = new byte[disk.BlockLength];
            await disk.ReadAsync(Block(at + last), block);
            block.AsMemory(size - last).CopyTo(buffer[size..]);
        }
        if (size > 0) await disk.WriteAsync(Block(at), buffer[..Whole(size)]);
        return size;
    }, cancel);

    /// <summary>Reads the disk and compares with the file; all differences are counted.</summary>
    public Task CompareAsync(CancellationToken cancel) => RunAsync(async (at, buffer, size) =>
    {
        var expected = new byte[size];
        size = Fill(at, expected);
        if (size > 0) await disk.ReadAsync(Block(at), buffer[..Whole(size)]);
        Compare(at, buffer.Span[..size], expected.AsSpan(0, size));
        return size;
    }, cancel);

    private void Compare(long at, ReadOnlySpan<byte> got, ReadOnlySpan<byte> wanted)
    {
        if (got.SequenceEqual(wanted)) return;
        var first = got.CommonPrefixLength(wanted);
        if (FirstDifference < 0 || start + at + first < FirstDifference) FirstDifference = start + at + first;
        for (var i = first; i < got.Length; i++) if (got[i] != wanted[i]) Differences++;
    }

    private delegate Task<int> Move(long at, Memory<byte> buffer, int size);

    private async Task RunAsync(Move move, CancellationToken cancel)
    {
        // A pipe's bytes come and go in order: one piece at a time.
        var workers = new Task[file.CanSeek ? Depth : 1];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync(move, cancel);
        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(Move move, CancellationToken cancel)
    {
        var buffer = new byte[Piece];
        try
        {
            while (!cancel.IsCancellationRequested && !isAtEnd && next < length)
            {
                var at = next;
                var size = (int)Math.Min(Piece, length - at);
                next += size;
                var moved = await move(at, buffer, size);
                Interlocked.Add(ref done, moved);
                if (moved < size) isAtEnd = true;
            }
        }
        catch
        {
            isAtEnd = true; // the other workers need not go on
            throw;
        }
    }

    private int Fill(long at, Span<byte> buffer)
    {
        if (file.CanSeek) file.Position = at;
        return file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
    }

    private ulong Block(long at) => (ulong)((start + at) / disk.BlockLength);
    private int Whole(int size) => (size + disk.BlockLength - 1) / disk.BlockLength * disk.BlockLength;
}
