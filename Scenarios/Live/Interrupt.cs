using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>Turns Ctrl-C into an orderly end: the loop stops, and whoever ran it says goodbye to peers. A second Ctrl-C ends the program at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly HwExecutor executor;

    public Interrupt(HwExecutor executor)
    {
        this.executor = executor;
        Console.CancelKeyPress += OnCancel;
    }

    public bool WasRequested { get; private set; }

    private void OnCancel(object? sender, ConsoleCancelEventArgs e)
    {
        if (WasRequested) return;
        e.Cancel = true;
        WasRequested = true;
        executor.Stop();
    }

    public void Dispose() => Console.CancelKeyPress -= OnCancel;
}
