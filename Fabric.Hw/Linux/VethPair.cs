#pragma warning disable RS0030 // a network namespace belongs to a thread: one is made for this, and ends with it
using System.Diagnostics;
using System.Threading;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// Two links at the ends of a cable that the kernel simulates (veth(4)), in a network namespace of their own: nothing of the host sees them,
/// and they are gone with the last of the two sockets, however the program ends.
/// </summary>
public sealed class VethPair : IDisposable
{
    private const string NameA = "weft-a", NameB = "weft-b";

    private VethPair(PacketSocketLink a, PacketSocketLink b) => (A, B) = (a, b);

    public PacketSocketLink A { get; }
    public PacketSocketLink B { get; }

    /// <summary>Makes the pair.</summary>
    /// <param name="mtu">Of both interfaces, in bytes.</param>
    /// <exception cref="LinkException">No permission, or no iproute2; the message says what to do.</exception>
    public static VethPair Create(int mtu)
    {
        VethPair? made = null;
        LinkException? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                made = CreateHere(mtu);
            }
            catch (LinkException e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw failure!;
    }

    private static VethPair CreateHere(int mtu)
    {
        if (!OperatingSystem.IsLinux()) throw new LinkException("a veth pair needs Linux");
        if (LibC.Unshare(LibC.CloneNewnet) != 0)
        {
            throw new LinkException(LibC.Errno == LibC.Eperm
                ? "a network namespace needs the capability CAP_SYS_ADMIN: run as root, or put `unshare -rn` in front of the command"
                : $"cannot make a network namespace: {LinkException.Describe(LibC.Errno)}");
        }
        Ip($"link add {NameA} mtu {mtu} type veth peer name {NameB} mtu {mtu}");
        Ip($"link set {NameA} up");
        Ip($"link set {NameB} up");
        var a = PacketSocketLink.Open(NameA);
        try
        {
            return new(a, PacketSocketLink.Open(NameB));
        }
        catch
        {
            a.Dispose();
            throw;
        }
    }

    /// <summary>iproute2's program, in this thread's namespace.</summary>
    private static void Ip(string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new LinkException($"`ip {arguments}` failed: {said.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LinkException($"cannot run `ip` (package iproute2): {e.Message}");
        }
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
