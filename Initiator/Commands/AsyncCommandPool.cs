namespace Weft.Initiator.Commands;

/// <summary>Commands of the awaitable API, used again.</summary>
internal sealed class AsyncCommandPool(ILane lane)
{
    private readonly Stack<AsyncCommand> free = [];

    public AsyncCommand Rent() => free.TryPop(out var command) ? command : new(lane);

    public void Return(AsyncCommand command)
    {
        if (command.IsBusy) return; // its awaiter gave up while it runs: it is not used again
        (command.Data, command.Registration, command.Context, command.Timeout, command.Retries) = (default, null, null, default, 0);
        command.Order = CommandOrder.Simple;
        free.Push(command);
    }
}
