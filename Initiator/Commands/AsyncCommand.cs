namespace Weft.Initiator.Commands;

/// <summary>A command that an awaiter waits for.</summary>
internal sealed class AsyncCommand : DiskCommand
{
    private readonly Completion<bool> done;

    public AsyncCommand(ILane lane)
    {
        done = new(lane, "SCSI command");
        Completed = static command => ((AsyncCommand)command).done.TrySetResult(true);
    }

    public ValueTask<bool> Begin()
    {
        done.Reset();
        return done.Task;
    }
}
