using System.Runtime.InteropServices;
using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>Turns Ctrl-C, and SIGTERM, into an orderly end: the loop stops, and whoever ran it says goodbye to peers. A second Ctrl-C ends the program at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly Action stop;
    private readonly PosixSignalRegistration terminate;

    public Interrupt(HwExecutor executor) : this(executor.Stop)
    {
    }

    /// <param name="stop">Ends the loop; called from another thread.</param>
    public Interrupt(Action stop)
    {
        this.stop = stop;
        Console.CancelKeyPress += OnCancel;
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = Request());
    }

    public bool WasRequested { get; private set; }

    private void OnCancel(object? sender, ConsoleCancelEventArgs e) => e.Cancel = Request();

    /// <summary>True the first time; the second time the program ends as it would have without us.</summary>
    private bool Request()
    {
        if (WasRequested) return false;
        WasRequested = true;
        stop();
        return true;
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancel;
        terminate.Dispose();
    }
}
