using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Live.Tests.Lab;

/// <summary>
/// A small Linux guest under QEMU's software emulation, whose Ethernet frames are Unix datagrams: no root, no tap, no way out.
/// A script goes in over a virtio-serial port, its output and exit code come back.
/// </summary>
internal sealed class Guest : IDisposable
{
    public const string Address = "10.9.0.12";
    /// <summary>This machine's loopback as the guest sees it on its second interface, once <see cref="SideNetwork"/> has run; nothing else is there.</summary>
    public const string Host = "10.0.2.2";
    /// <summary>The port in the guest that <see cref="SidePort"/> leads to: the verbs tools' own.</summary>
    public const int ToolPort = 18515;
    /// <summary>Script: brings up the interface for the TCP connections of the verbs tools. It has no route beyond QEMU.</summary>
    public const string SideNetwork = "ip link set eth1 up; ip addr replace 10.0.2.15/24 dev eth1";
    public static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(120);
    /// <summary>
    /// The HPET keeps time, whose rate is told: that of the TSC is measured while booting, and on a busy machine so badly that the guest's seconds
    /// were seen to pass five times too fast, and with them every timeout.
    /// </summary>
    private const string Clock = "clocksource=hpet tsc=reliable";
    /// <summary>The guest's virtio device without offloads, so that each packet is a real one.</summary>
    private const string NoOffloads =
        ",csum=off,guest_csum=off,gso=off,guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off,host_tso4=off,host_tso6=off,host_ecn=off,host_ufo=off";

    private readonly string folder;
    private readonly bool ownsFolder;
    private readonly Process qemu;
    private readonly Socket listener;
    private readonly MemoryStream buffer = new();
    private Socket? agent;
    private int requests, captures;

    /// <param name="mtu">Of the guest's interface; 1500 gives path MTU 1024, 4200 gives 4096.</param>
    /// <param name="inPlaceOf">A guest that was killed, and whose end of the link this one takes.</param>
    public Guest(int mtu = 1500, int memoryMib = 768, string append = "", Guest? inPlaceOf = null)
    {
        ownsFolder = inPlaceOf is null;
        folder = inPlaceOf?.folder ?? System.IO.Directory.CreateTempSubdirectory("weft-guest").FullName;
        if (!ownsFolder) foreach (var socket in new[] { GuestPath, Path.Combine(folder, "agent.sock") }) File.Delete(socket);
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "agent.sock")));
        listener.Listen(1);
        string[] arguments =
        [
            "-M", "q35,usb=off", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max", "-smp", "1", "-m", $"{memoryMib}", "-nodefaults",
            "-display", "none", "-no-reboot", "-kernel", LabImage.Kernel, "-initrd", LabImage.Initramfs,
            "-append", $"console=ttyS0 quiet panic=-1 mitigations=off nokaslr {Clock} random.trust_cpu=on net.ifnames=0 "
                + $"lab.name=b lab.ip={Address} lab.mtu={mtu} {append}",
            "-serial", $"file:{Path.Combine(folder, "console")}",
            "-drive", $"file={LabImage.Root},if=none,id=r,format=raw,readonly=on", "-device", "virtio-blk-pci,drive=r",
            "-device", "virtio-serial-pci", "-chardev", $"socket,id=c,path={Path.Combine(folder, "agent.sock")}",
            "-device", "virtserialport,chardev=c,name=lab", "-device", "virtio-rng-pci",
            "-netdev", $"dgram,id=n0,local.type=unix,local.path={GuestPath},remote.type=unix,remote.path={OurPath}",
            "-device", "virtio-net-pci,netdev=n0,mac=52:54:00:09:00:0b,host_mtu=9000,romfile=" + NoOffloads,
        ];
        SidePort = FreePort();
        arguments =
        [
            .. arguments, "-netdev", $"user,id=n1,ipv6=off,hostfwd=tcp:127.0.0.1:{SidePort}-10.0.2.15:{ToolPort}",
            "-device", "virtio-net-pci,netdev=n1,mac=52:54:00:09:01:0b,romfile=",
        ];
        var start = new ProcessStartInfo("qemu-system-x86_64") { RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        qemu = Process.Start(start)!;
        var booting = Stopwatch.StartNew();
        while (agent is null)
        {
            if (listener.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead)) agent = listener.Accept();
            else if (qemu.HasExited) throw new InvalidOperationException($"QEMU ended with exit code {qemu.ExitCode}: {qemu.StandardError.ReadToEnd()}");
            else if (booting.Elapsed > BootTimeout) throw new TimeoutException($"the guest did not boot in {BootTimeout.TotalSeconds} s; console:\n{Console}");
        }
        var hello = ReadLine(BootTimeout);
        if (!hello.StartsWith("hello", StringComparison.Ordinal)) throw new InvalidOperationException($"the guest's agent said '{hello}'");
    }

    /// <summary>Where QEMU receives frames, and where we do: the two paths of a Unix-datagram link.</summary>
    public string GuestPath => Path.Combine(folder, "guest.net");
    public string OurPath => Path.Combine(folder, "weft.net");
    /// <summary>A port of this machine's loopback that leads to <see cref="ToolPort"/> in the guest.</summary>
    public int SidePort { get; }
    /// <summary>A new file for what the next process captures on the link.</summary>
    public string NextCapture() => Path.Combine(folder, $"{++captures}.pcapng");
    /// <summary>Alive, and not stuck in a script.</summary>
    public bool IsUsable { get; private set; } = true;
    public string Console => File.Exists(Path.Combine(folder, "console")) ? File.ReadAllText(Path.Combine(folder, "console")) : "";

    /// <summary>Runs a bash script (with the functions of guest/lib.sh) to its end.</summary>
    /// <returns>Standard output and error together.</returns>
    public string Run(string script, TimeSpan? timeout = null)
    {
        var (code, output) = TryRun(script, timeout);
        return code == 0 ? output : throw new InvalidOperationException($"exit code {code} in the guest of:\n{script}\n{output}");
    }

    public (int ExitCode, string Output) TryRun(string script, TimeSpan? timeout = null)
    {
        Start(script, timeout);
        return Finish(timeout);
    }

    /// <summary>Sends a script without waiting; <see cref="Finish"/> collects it.</summary>
    public void Start(string script, TimeSpan? timeout = null)
    {
        var seconds = (int)(timeout ?? TimeSpan.FromSeconds(120)).TotalSeconds;
        agent!.Send(Encoding.ASCII.GetBytes($"{++requests} {seconds} {Convert.ToBase64String(Encoding.UTF8.GetBytes(script))}\n"));
    }

    public (int ExitCode, string Output) Finish(TimeSpan? timeout = null)
    {
        var limit = (timeout ?? TimeSpan.FromSeconds(120)) + TimeSpan.FromSeconds(30);
        for (; ; )
        {
            var parts = ReadLine(limit).Split(' ');
            if (parts[0] == requests.ToString(System.Globalization.CultureInfo.InvariantCulture))
                return (int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetString(Convert.FromBase64String(parts[2])));
        }
    }

    /// <summary>A TCP port of the loopback that nobody uses now.</summary>
    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Pulls the plug.</summary>
    public void Kill()
    {
        if (!qemu.HasExited) qemu.Kill();
        qemu.WaitForExit();
    }

    private string ReadLine(TimeSpan limit)
    {
        var waiting = Stopwatch.StartNew();
        var chunk = new byte[65536];
        for (; ; )
        {
            var have = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
            var end = have.IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.ASCII.GetString(have[..end]);
                var rest = have[(end + 1)..].ToArray();
                buffer.SetLength(0);
                buffer.Write(rest);
                return line;
            }
            IsUsable = waiting.Elapsed <= limit && !qemu.HasExited;
            if (waiting.Elapsed > limit) throw new TimeoutException($"the guest did not answer in {limit.TotalSeconds} s; console:\n{Console}");
            if (!agent!.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead)) continue;
            var read = agent.Receive(chunk);
            if (read == 0) throw new InvalidOperationException($"the guest went away; console:\n{Console}");
            buffer.Write(chunk, 0, read);
        }
    }

    public void Dispose()
    {
        Kill();
        agent?.Dispose();
        listener.Dispose();
        qemu.Dispose();
        if (ownsFolder) System.IO.Directory.Delete(folder, recursive: true);
    }
}
