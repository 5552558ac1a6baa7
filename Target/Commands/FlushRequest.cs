using Weft.Target.Luns;

namespace Weft.Target.Commands;

/// <summary>
/// SYNCHRONIZE CACHE with IMMED: the command has its status already. One flush runs at a time; one asked for meanwhile follows it, since
/// the running one may have started too early.
/// </summary>
internal sealed class FlushRequest : StoreRequest
{
    private readonly IBackStore store;
    private bool isRunning, isWanted;

    public FlushRequest(IBackStore store)
    {
        this.store = store;
        Operation = StoreOperation.Flush;
    }

    public void Start()
    {
        isWanted = true;
        while (isWanted && !isRunning)
        {
            (isRunning, isWanted) = (true, false);
            store.Submit(this);
        }
    }

    public override void Completed()
    {
        isRunning = false;
        if (isWanted) Start();
    }
}
