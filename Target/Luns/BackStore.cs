using Weft.Fabric.Execution;

namespace Weft.Target.Luns;

/// <summary>
/// Base of stores whose work is done in one piece on the executor: the effect and the answer happen together, at a moment that
/// <see cref="StoreTiming"/> leaves open. So the order of effects is the order of answers, and exploring one explores the other.
/// </summary>
public abstract class BackStore : IBackStore, IDisposable
{
    private readonly IExecutor? executor;
    private readonly StoreTiming timing;
    private readonly List<StoreLane> lanes = [];
    private readonly string name;
    private bool isDisposed;

    /// <param name="name">Appears in choices; e.g. <c>lun0</c>.</param>
    /// <param name="blocks">At least 1.</param>
    /// <param name="blockLength">512, 1024, 2048 or 4096.</param>
    /// <param name="executor">The target node's; needed unless the timing is inline.</param>
    protected BackStore(string name, ulong blocks, int blockLength, IExecutor? executor, StoreTiming timing)
    {
        if (blockLength is not (512 or 1024 or 2048 or 4096)) throw new ArgumentOutOfRangeException(nameof(blockLength), blockLength, "512..4096");
        ArgumentOutOfRangeException.ThrowIfZero(blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks, (ulong)long.MaxValue / (uint)blockLength);
        if (timing.Lanes > 0) ArgumentNullException.ThrowIfNull(executor);
        (this.name, Blocks, BlockLength, this.executor, this.timing) = (name, blocks, blockLength, executor, timing);
    }

    public int BlockLength { get; }
    public ulong Blocks { get; protected set; }
    public virtual bool IsReadOnly => false;
    public virtual bool IsThin => false;
    /// <summary>Questions without an answer: none at the end of a scenario.</summary>
    public int Outstanding { get; private set; }

    public void Submit(StoreRequest request)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (request.Operation != StoreOperation.Flush && (request.Lba > Blocks || (ulong)request.Blocks > Blocks - request.Lba))
            throw new ArgumentException($"{request.Operation} of {request.Blocks} blocks at {request.Lba} leaves the medium", nameof(request));
        Outstanding++;
        request.Store = this;
        (request.Status, request.Position) = (StoreStatus.Done, 0);
        if (timing.Lanes == 0)
        {
            Finish(request);
            return;
        }
        request.Lane = FreeLane();
        request.Lane.Waiting++;
        if (timing.Latency == Duration.Zero) request.Lane.Lane.Post(request);
        else request.Lane.Lane.Post(request, timing.Latency);
    }

    internal void Finish(StoreRequest request)
    {
        if (request.Lane is { } lane)
        {
            lane.Waiting--;
            request.Lane = null;
        }
        Outstanding--;
        Perform(request);
        request.Completed();
    }

    /// <summary>Does the operation and sets status and position.</summary>
    protected abstract void Perform(StoreRequest request);

    public virtual long QueryMapping(ulong lba, long limit, out bool isMapped)
    {
        isMapped = true;
        return limit;
    }

    /// <summary>An empty lane, a new one, or the shortest; the lowest number first, so that the choice is the same in every run.</summary>
    private StoreLane FreeLane()
    {
        StoreLane? shortest = null;
        foreach (var lane in lanes)
            if (shortest is null || lane.Waiting < shortest.Waiting)
            {
                shortest = lane;
                if (lane.Waiting == 0) return lane;
            }
        if (lanes.Count == timing.Lanes) return shortest!;
        var added = new StoreLane(executor!.CreateLane(timing.Lanes == 1 ? name : $"{name}/{lanes.Count}", ChoiceKind.BackEnd));
        lanes.Add(added);
        return added;
    }

    /// <summary>Gives the lanes back. Nothing may be outstanding.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (isDisposed || !disposing) return;
        isDisposed = true;
        foreach (var lane in lanes) executor!.ReleaseLane(lane.Lane);
        lanes.Clear();
    }
}
