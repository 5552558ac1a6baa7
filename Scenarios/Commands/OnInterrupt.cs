namespace Weft.Scenarios.Commands;

/// <summary>Lets the first Ctrl-C end work in order; the second ends the program.</summary>
internal sealed class OnInterrupt : IDisposable
{
    private readonly Action action;
    private bool wasCalled;

    private OnInterrupt(Action action)
    {
        this.action = action;
        Console.CancelKeyPress += Handle;
    }

    public static OnInterrupt Call(Action action) => new(action);

    public void Dispose() => Console.CancelKeyPress -= Handle;

    private void Handle(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = !wasCalled;
        wasCalled = true;
        action();
    }
}
