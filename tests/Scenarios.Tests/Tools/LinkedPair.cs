using System.Diagnostics;
using System.Threading;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Hw.Linux;
using Weft.Scenarios.Live;

namespace Weft.Scenarios.Tests.Tools;

/// <summary>Two devices of ours on real time and one Unix link: 10.0.0.1, which runs on a thread of its own, and 10.0.0.2 on the test's.</summary>
internal sealed class LinkedPair : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("weft-pair").FullName;

    public LinkedPair()
    {
        A = Open("a", "b", 1);
        B = Open("b", "a", 2);
    }

    public LiveDevice A { get; }
    public LiveDevice B { get; }

    private LiveDevice Open(string local, string remote, byte number)
    {
        var link = UnixDatagramLink.Open(Path.Combine(folder, local), Path.Combine(folder, remote), mtu: 4200, awaitsPeer: true);
        return new LiveDevice(link, new RocePortOptions { Mac = new MacAddress(0x0200_0000_0000u + number), Addresses = [Gid.FromIPv4(0x0A00_0000u + number)] });
    }

    /// <summary>One round of each loop, when nothing else runs them.</summary>
    public void Turn()
    {
        A.Executor.Run(() => true);
        B.Executor.Run(() => true);
    }

    /// <summary>Starts work on each loop and runs both until it is done.</summary>
    /// <param name="onA">
    /// Called on A's loop, as <paramref name="onB"/> is on B's once this call has returned and so a server listens. Work that was started elsewhere
    /// would carry the test runner's synchronisation context along, and go on beside the loop, on a thread of the runner.
    /// </param>
    /// <param name="onB">Called on B's loop.</param>
    /// <param name="everyTurn">Called after each round of B's loop, on its thread.</param>
    public void Run(Func<Task> onA, Func<Task> onB, Action? everyTurn = null)
    {
        Task? a = null, b = null;
        A.Executor.PostFromOutside(() =>
        {
            Volatile.Write(ref a, onA());
            B.Executor.PostFromOutside(() => b = onB());
        });
        var other = new Thread(() => A.Executor.Run());
        other.Start();
        try
        {
            for (var clock = Stopwatch.StartNew(); !IsOver(Volatile.Read(ref a), b);)
            {
                B.Executor.Run(() => true);
                everyTurn?.Invoke();
                Assert.True(clock.Elapsed.TotalSeconds < 60, "still busy after a minute");
            }
        }
        finally
        {
            A.Executor.Stop();
            other.Join();
        }
        foreach (var task in new[] { a, b }) if (task is { IsFaulted: true }) throw task.Exception!.InnerException!;
    }

    private static bool IsOver(Task? a, Task? b) => a is { IsFaulted: true } || b is { IsFaulted: true } || a is { IsCompleted: true } && b is { IsCompleted: true };

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
