using Microsoft.Win32.SafeHandles;
using Weft.Fabric.Execution;

namespace Weft.Target.Luns;

/// <summary>Blocks in a file or a block device of the machine. I/O is done inside the operation; what the system reports becomes a status.</summary>
public class FileStore : BackStore
{
    private const int StepLength = 64 * 1024;
    private readonly SafeFileHandle handle;
    private byte[]? step;

    private FileStore(string name, SafeFileHandle handle, ulong blocks, int blockLength, bool isReadOnly, IExecutor? executor, StoreTiming timing)
        : base(name, blocks, blockLength, executor, timing) => (this.handle, IsReadOnly) = (handle, isReadOnly);

    public override bool IsReadOnly { get; }

    /// <summary>Opens an existing file; its length, rounded down to whole blocks, is the size of the medium.</summary>
    /// <exception cref="IOException">The file cannot be opened, or is shorter than a block.</exception>
    public static FileStore Open(
        string name, string path, int blockLength = 512, bool isReadOnly = false, IExecutor? executor = null, StoreTiming timing = default)
    {
        var handle = File.OpenHandle(path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite);
        var length = RandomAccess.GetLength(handle);
        if (length >= blockLength) return new(name, handle, (ulong)(length / blockLength), blockLength, isReadOnly, executor, timing);
        handle.Dispose();
        throw new IOException($"'{path}' is shorter than one block of {blockLength} bytes");
    }

    /// <summary>Makes a sparse file of this size, or opens and resizes the one that is there.</summary>
    public static FileStore Create(
        string name, string path, ulong blocks, int blockLength = 512, IExecutor? executor = null, StoreTiming timing = default)
    {
        var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.SetLength(handle, (long)blocks * blockLength);
        return new(name, handle, blocks, blockLength, false, executor, timing);
    }

    /// <summary>A store over an open file whose size the caller knows.</summary>
    internal static FileStore OpenHandle(string name, SafeFileHandle handle, ulong blocks) => new(name, handle, blocks, 512, false, null, default);

    protected override void Perform(StoreRequest request)
    {
        try
        {
            if (IsWrite(request.Operation) && IsReadOnly) request.Status = StoreStatus.ReadOnly;
            else Do(request);
        }
        catch (IOException error)
        {
            Fail(request, error);
        }
        catch (UnauthorizedAccessException)
        {
            Fail(request, null);
        }
    }

    private void Do(StoreRequest request)
    {
        var at = (long)request.Lba * BlockLength;
        var data = request.Data.Span;
        switch (request.Operation)
        {
            case StoreOperation.Read:
                ReadAt(data, at);
                break;
            case StoreOperation.Write:
                WriteAt(data, at);
                break;
            case StoreOperation.Compare:
                Compare(request, data, request.IsRepeated);
                break;
            case StoreOperation.CompareAndWrite:
                var half = (int)request.Blocks * BlockLength;
                Compare(request, data[..half], isRepeated: false);
                if (request.Status == StoreStatus.Done) WriteAt(data[half..(2 * half)], at);
                break;
            case StoreOperation.WriteSame:
                Fill(data[..BlockLength], at, request.Blocks * BlockLength);
                break;
            case StoreOperation.Discard:
                Fill(default, at, request.Blocks * BlockLength);
                break;
            case StoreOperation.Verify:
                Verify(at, request.Blocks * BlockLength);
                break;
        }
        if (request.Operation == StoreOperation.Flush || request.IsForced && IsWrite(request.Operation)) RandomAccess.FlushToDisk(handle);
    }

    private static bool IsWrite(StoreOperation operation) =>
        operation is StoreOperation.Write or StoreOperation.CompareAndWrite or StoreOperation.WriteSame or StoreOperation.Discard;

    /// <summary>Reads the bytes at a file offset; what lies beyond the end of the file is zeros, as for a sparse file.</summary>
    protected virtual void ReadAt(Span<byte> target, long at)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(handle, target, at);
            if (read == 0)
            {
                target.Clear();
                return;
            }
            target = target[read..];
            at += read;
        }
    }

    /// <summary>Writes the bytes at a file offset.</summary>
    protected virtual void WriteAt(ReadOnlySpan<byte> source, long at) => RandomAccess.Write(handle, source, at);

    private void Compare(StoreRequest request, ReadOnlySpan<byte> expected, bool isRepeated)
    {
        step ??= new byte[StepLength];
        var total = request.Blocks * BlockLength;
        for (var done = 0L; done < total;)
        {
            var run = (int)Math.Min(isRepeated ? BlockLength : StepLength, total - done);
            ReadAt(step.AsSpan(0, run), (long)request.Lba * BlockLength + done);
            var same = (isRepeated ? expected[..run] : expected.Slice((int)done, run)).CommonPrefixLength(step.AsSpan(0, run));
            if (same < run)
            {
                (request.Status, request.Position) = (StoreStatus.Miscompare, done + same);
                return;
            }
            done += run;
        }
    }

    /// <summary>Writes one block, or zeros, over and over.</summary>
    private void Fill(ReadOnlySpan<byte> block, long at, long length)
    {
        step ??= new byte[StepLength];
        if (block.IsEmpty) step.AsSpan().Clear();
        else
            for (var i = 0; i < StepLength; i += BlockLength) block.CopyTo(step.AsSpan(i));
        for (var done = 0L; done < length; done += StepLength)
            WriteAt(step.AsSpan(0, (int)Math.Min(StepLength, length - done)), at + done);
    }

    private void Verify(long at, long length)
    {
        step ??= new byte[StepLength];
        for (var done = 0L; done < length; done += StepLength)
            ReadAt(step.AsSpan(0, (int)Math.Min(StepLength, length - done)), at + done);
    }

    private static void Fail(StoreRequest request, IOException? error)
    {
        request.Position = (long)request.Lba; // the system does not say which block of the range
        request.Status = IsDiskFull(error) ? StoreStatus.NoSpace
            : IsWrite(request.Operation) || request.Operation == StoreOperation.Flush ? StoreStatus.WriteError
            : StoreStatus.ReadError;
    }

    /// <summary>ENOSPC on Unix; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.</summary>
    private static bool IsDiskFull(IOException? error) => error?.HResult is 28 or unchecked((int)0x80070070) or unchecked((int)0x80070027);

    protected override void Dispose(bool disposing)
    {
        if (disposing) handle.Dispose();
        base.Dispose(disposing);
    }
}
