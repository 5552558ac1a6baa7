using System.Runtime.InteropServices;
using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>Cuts an impaired link at a SIGUSR1, and joins it again at the next.</summary>
internal sealed class LinkSwitch : IDisposable
{
    /// <summary>SIGUSR1 of signal(7), x86-64 and arm64; the runtime has no name for it.</summary>
    private const PosixSignal User1 = (PosixSignal)10;

    private readonly HwExecutor executor;
    private readonly ImpairedLink link;
    private readonly PosixSignalRegistration registration;

    public LinkSwitch(HwExecutor executor, ImpairedLink link)
    {
        (this.executor, this.link) = (executor, link);
        registration = PosixSignalRegistration.Create(User1, context =>
        {
            context.Cancel = true;
            executor.PostFromOutside(Toggle);
        });
    }

    private void Toggle()
    {
        link.IsCut = !link.IsCut;
        Console.Error.WriteLine($"{executor.Now} link {(link.IsCut ? "cut" : "joined")}");
    }

    public void Dispose() => registration.Dispose();
}
