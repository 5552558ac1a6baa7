using Weft.Fabric.Execution;

namespace Weft.Target.Luns;

/// <summary>No memory at all: writes vanish, reads are zeros, comparisons succeed. For measuring transports.</summary>
public sealed class NullStore : BackStore
{
    public NullStore(string name, ulong blocks, int blockLength = 512, IExecutor? executor = null, StoreTiming timing = default)
        : base(name, blocks, blockLength, executor, timing)
    {
    }

    protected override void Perform(StoreRequest request)
    {
        if (request.Operation == StoreOperation.Read) request.Data.Span.Clear();
    }
}
