using System.Buffers;

namespace Weft.Protocol.Nbd;

/// <summary>
/// One client's connection: bytes in, requests to a disk, replies out. Holds no socket, clock or task. Data of large writes and of reads
/// is not copied: <see cref="Input"/> and <see cref="Output"/> are the memory of the request itself.
/// </summary>
public sealed class NbdServer : IDisposable
{
    /// <summary>Requests, and bytes of their data, that are taken before the oldest ones are answered.</summary>
    public const int MaxJobs = 256, MaxJobBytes = 64 << 20;
    private const int StagingLength = 64 << 10;

    private readonly NbdExport export;
    private readonly INbdDisk disk;
    private readonly NbdHandshake handshake;
    private readonly Queue<NbdJob> replies = new();
    private readonly Stack<NbdJob> idle = new();
    private readonly byte[] staging = ArrayPool<byte>.Shared.Rent(StagingLength);
    private byte[] greeting = [];
    private int start, end, sent, jobs, filled;
    private long jobBytes;
    private uint skip;
    private NbdJob? writing; // its data is arriving
    private bool isParsing, isClosing, isGone;

    public NbdServer(NbdExport export, INbdDisk disk)
    {
        (this.export, this.disk) = (export, disk);
        handshake = new(export);
        TakeGreeting();
    }

    /// <summary>Called when there is more to send, or room for more to receive, or the end has come.</summary>
    public Action? Changed { get; set; }

    /// <summary>Where the next bytes of the client go; empty while none are taken.</summary>
    public Memory<byte> Input =>
        isClosing || isGone ? default
        : writing is { } job && start == end ? job.Data[filled..]
        : IsFull ? default
        : staging.AsMemory(end, StagingLength - end);

    /// <summary>The next bytes for the client; empty when there are none.</summary>
    public ReadOnlyMemory<byte> Output =>
        isGone ? default : sent < greeting.Length ? greeting.AsMemory(sent) : replies.TryPeek(out var job) ? job.Reply[sent..] : default;

    /// <summary>Requests that are with the disk, or whose reply is not sent.</summary>
    public int Jobs => jobs;
    /// <summary>Everything is done that this connection was for: close it.</summary>
    public bool IsFinished => isGone || isClosing && jobs == 0 && Output.IsEmpty;

    private bool IsFull => jobs >= MaxJobs || jobBytes >= MaxJobBytes;

    /// <summary>So many bytes were put into <see cref="Input"/>.</summary>
    public void OnReceived(int count)
    {
        if (writing is { } job && start == end)
        {
            filled += count;
            if (filled == job.Data.Length) StartWrite(job);
        }
        else
        {
            end += count;
        }
        Parse();
    }

    /// <summary>So many bytes of <see cref="Output"/> are with the client.</summary>
    public void OnSent(int count)
    {
        sent += count;
        if (greeting.Length > 0)
        {
            if (sent < greeting.Length) return;
            (greeting, sent) = ([], 0);
        }
        else if (replies.TryPeek(out var job) && sent == job.Reply.Length)
        {
            replies.Dequeue();
            sent = 0;
            Free(job);
        }
        Parse();
    }

    /// <summary>Takes no more requests; those that were taken are answered.</summary>
    public void Close()
    {
        isClosing = true;
        if (writing is { } job) Free(job);
        writing = null;
    }

    /// <summary>The client is gone: what the disk still does is waited for, but not answered.</summary>
    public void OnGone()
    {
        Close();
        isGone = true;
        while (replies.TryDequeue(out var job)) Free(job);
    }

    /// <summary>Gives the memory back. Not before <see cref="Jobs"/> is 0.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(staging);

    internal void OnCompleted(NbdJob job, NbdError error)
    {
        if (isGone) Free(job);
        else
        {
            job.SetReply(error);
            replies.Enqueue(job);
        }
        if (!isParsing) Changed?.Invoke();
    }

    private void Parse()
    {
        if (isParsing) return;
        isParsing = true;
        while (!isClosing && ParseOne())
        {
        }
        isParsing = false;
        if (start == end) (start, end) = (0, 0);
        else if (start > StagingLength / 2)
        {
            // What is left moves to the front: no message that must be there as a whole is longer than the other half.
            staging.AsSpan(start, end - start).CopyTo(staging);
            (start, end) = (0, end - start);
        }
    }

    /// <summary>Takes one thing from the front; false when there is none whole.</summary>
    private bool ParseOne()
    {
        var input = staging.AsSpan(start, end - start);
        if (handshake.State != NbdHandshakeState.Transmission) return Negotiate(input);
        if (skip > 0 && !input.IsEmpty)
        {
            var skipped = (int)Math.Min(skip, (uint)input.Length);
            (skip, start) = (skip - (uint)skipped, start + skipped);
            return true;
        }
        if (writing is { } job && !input.IsEmpty)
        {
            var part = input[..Math.Min(input.Length, job.Data.Length - filled)];
            part.CopyTo(job.Data.Span[filled..]);
            (filled, start) = (filled + part.Length, start + part.Length);
            if (filled == job.Data.Length) StartWrite(job);
            return true;
        }
        if (input.Length < NbdRequest.HeaderLength || IsFull) return false;
        if (NbdRequest.TryRead(input, out var request)) Begin(request);
        else Close(); // the stream cannot be followed
        start += NbdRequest.HeaderLength;
        return true;
    }

    private bool Negotiate(ReadOnlySpan<byte> input)
    {
        if (greeting.Length > 0) return false; // answers go out before more is taken
        var taken = handshake.Take(input);
        start += taken;
        TakeGreeting();
        if (handshake.State == NbdHandshakeState.Closed) isClosing = true;
        return taken > 0;
    }

    private void TakeGreeting()
    {
        if (handshake.Output.IsEmpty) return;
        greeting = handshake.Output.ToArray();
        handshake.ClearOutput();
    }

    private void Begin(in NbdRequest request)
    {
        if (request.Command == NbdCommand.Disconnect || request is { Command: NbdCommand.Write, Length: > NbdExport.MaxPayload })
        {
            Close(); // the second: more than anybody may send; the protocol lets a server hang up
            return;
        }
        var error = export.Check(request);
        var job = Rent(error == NbdError.None ? request : request with { Length = 0 });
        if (error != NbdError.None)
        {
            if (request.Command == NbdCommand.Write) skip = request.Length;
            job.Complete(error);
        }
        else if (request is { Command: NbdCommand.Write, Length: > 0 }) (writing, filled) = (job, 0);
        else Start(job);
    }

    private void StartWrite(NbdJob job)
    {
        writing = null;
        Start(job);
    }

    private void Start(NbdJob job)
    {
        if (job.Request is { Length: 0, Command: not NbdCommand.Flush }) job.Complete(NbdError.None);
        else disk.Start(job);
    }

    private NbdJob Rent(in NbdRequest request)
    {
        if (!idle.TryPop(out var job)) job = new(this);
        job.Begin(request);
        jobs++;
        jobBytes += job.Data.Length;
        return job;
    }

    private void Free(NbdJob job)
    {
        jobs--;
        jobBytes -= job.Data.Length;
        job.End();
        idle.Push(job);
    }
}
