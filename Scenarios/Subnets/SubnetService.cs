using System.Text;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Carriers;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Umad;

namespace Weft.Scenarios.Subnets;

/// <summary>The loop of a served subnet: datagrams in, the fabric's answers out, console lines between them. One thread.</summary>
internal sealed class SubnetService : IUmadTransport, IDisposable
{
    private const int ManagerBudget = 2000; // datagrams of our manager between two looks at the sockets
    private const int SteadyTurns = 8; // turns that one client has had alone, after which it is waited for
    private const int MostTurns = 64; // of them, before the others are looked at
    private const int ControlIndex = 0, ConsoleIndex = 1, FirstData = 2;
    /// <summary>Ends an answer that is too long for a datagram; the standard input gets it whole.</summary>
    private static ReadOnlySpan<byte> CutMark => "\n... cut here: too long"u8;
    private readonly ManagementSockets sockets;
    private readonly IUmadTransport outlet;
    private readonly ServedManager? manager;
    private readonly ServedTraffic? traffic;
    private readonly DatagramPoll poll;
    private readonly SessionWriter? recording;
    private readonly UmadServer server;
    private readonly SubnetConsole console;
    private readonly LineBuffer lines = new();
    private readonly Action<string> print;
    private Instant now;
    private int steadySlot = -1, steadyTurns;
    private volatile bool stopping;

    /// <param name="readsInput">Whether console lines come from the standard input too.</param>
    /// <param name="print">Where answers to those lines go.</param>
    /// <param name="hasManager">Whether <see cref="StartManager"/> will be called.</param>
    /// <param name="traffic">Of the same subnet.</param>
    public SubnetService(
        IbSubnet subnet, ManagementSockets sockets, SubnetPort? defaultPort, IMadTap? tap, SessionWriter? recording, bool readsInput, Action<string> print, bool hasManager = false,
        ServedTraffic? traffic = null)
    {
        (this.sockets, this.recording, this.print, this.traffic) = (sockets, recording, print, traffic);
        if (hasManager) manager = new(sockets);
        outlet = (IUmadTransport?)manager ?? sockets;
        poll = new(sockets.All, readsInput);
        if (defaultPort is not null) recording?.Write(SessionRecordKind.DefaultPort, 0, now, defaultPort.ToString());
        server = new(subnet, this) { DefaultPort = defaultPort, Tap = tap, Next = traffic };
        console = new(subnet, server) { Traffic = traffic is null ? null : traffic.Describe };
    }

    public UmadServer Server => server;

    /// <summary>Puts our own subnet manager on a port; null: where programs attach. False: the port has one.</summary>
    public bool StartManager(SubnetPort? port, ManagerOptions options)
    {
        now = poll.Now;
        if (!manager!.Attach(Control, Data, port, options, now)) return false;
        manager.Manager!.Changed = m => print(m.LastSweep is { } sweep && m.IsUp ? $"manager: {m.State}, subnet up: {sweep}" : $"manager: {m.State}");
        return true;
    }

    /// <summary>Serves until <see cref="Stop"/>.</summary>
    public void Run()
    {
        while (!stopping) Turn();
    }

    /// <summary>Waits until there is something to do, and does it.</summary>
    public void Turn()
    {
        if (steadyTurns < SteadyTurns || steadyTurns % MostTurns == 0 || !HandleSteady()) HandleAll();
        manager?.Run(now, ManagerBudget);
        traffic?.Advance(now);
        if (server.Deadline <= now) SendNotices();
        Flush();
    }

    /// <summary>
    /// A sweep is one client's requests, one after the other: waiting at its socket costs less than asking for all. The others wait 20
    /// milliseconds more at worst, when it stops asking.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    private bool HandleSteady()
    {
        var socket = sockets.Data[steadySlot];
        var count = socket.Waiting > 0 ? 0 : socket.ReceiveWaiting();
        now = poll.Now;
        HandleData(steadySlot, count);
        steadyTurns = count == 0 ? 0 : steadyTurns + 1;
        return count > 0;
    }

    private void HandleAll()
    {
        poll.Wait(Deadline);
        now = poll.Now;
        if (poll.IsReadable(ControlIndex)) HandleControl();
        var (busy, clients) = (-1, 0);
        for (var slot = 0; slot < UmadServer.MaxClients; slot++)
        {
            if (!poll.IsReadable(FirstData + slot) || sockets.Data[slot].Receive() is var count && count == 0) continue;
            HandleData(slot, count);
            (busy, clients) = (slot, clients + 1);
        }
        var isSteady = clients == 1 && busy == steadySlot && manager is null && traffic is null && !poll.IsReadable(ControlIndex);
        (steadySlot, steadyTurns) = (busy, isSteady ? steadyTurns + 1 : 0);
        if (poll.IsReadable(ConsoleIndex)) HandleConsole();
        HandleInput();
    }

    private Instant Deadline
    {
        get
        {
            var first = server.Deadline;
            if (manager is not null && manager.Deadline < first) first = manager.Deadline;
            return traffic is not null && traffic.Deadline < first ? traffic.Deadline : first;
        }
    }

    private void SendNotices()
    {
        recording?.Write(SessionRecordKind.Time, 0, now, []);
        server.SendNotices(now);
    }

    /// <summary>Ends <see cref="Run"/>, from any thread.</summary>
    public void Stop()
    {
        stopping = true;
        poll.Wake();
    }

    private void HandleControl()
    {
        var count = sockets.Control.Receive();
        for (var i = 0; i < count; i++)
        {
            var datagram = sockets.Control.Datagram(i);
            sockets.Handling(i);
            if (Control(datagram)) sockets.Control.Reply(i, datagram);
        }
    }

    private bool Control(Span<byte> datagram)
    {
        recording?.Write(SessionRecordKind.ControlIn, 0, now, datagram);
        if (!server.HandleControl(datagram, now)) return false;
        recording?.Write(SessionRecordKind.ControlOut, 0, now, datagram);
        return true;
    }

    /// <summary>The answers wait for each other, and for nothing else: to wake the sender once costs less than to wake it for each.</summary>
    private void HandleData(int slot, int count)
    {
        var socket = sockets.Data[slot];
        for (var i = 0; i < count; i++) Data(slot, socket.Datagram(i));
        socket.Flush();
    }

    private void Data(int slot, Span<byte> datagram)
    {
        recording?.Write(SessionRecordKind.DataIn, slot, now, datagram);
        server.HandleData(slot, datagram, now);
    }

    private void HandleConsole()
    {
        var count = sockets.Console.Receive();
        for (var i = 0; i < count; i++)
        {
            var ok = Execute(Encoding.UTF8.GetString(sockets.Console.Datagram(i)), out var answer);
            var bytes = Encoding.UTF8.GetBytes((ok ? "+" : "-") + answer);
            if (bytes.Length > ManagementSockets.ConsoleCapacity) CutMark.CopyTo(bytes.AsSpan(ManagementSockets.ConsoleCapacity - CutMark.Length));
            sockets.Console.Reply(i, bytes.AsSpan(0, Math.Min(bytes.Length, ManagementSockets.ConsoleCapacity)));
        }
    }

    private void HandleInput()
    {
        lines.Add(poll.ReadInput());
        while (lines.TryTake(out var line))
        {
            Execute(line, out var answer);
            if (answer.Length > 0) print(answer);
        }
    }

    private bool Execute(string line, out string answer)
    {
        recording?.Write(SessionRecordKind.Command, 0, now, line);
        return console.Execute(line, now, out answer);
    }

    private void Flush()
    {
        for (var slot = 0; slot < UmadServer.MaxClients; slot++)
        {
            var socket = sockets.Data[slot];
            if (socket.Waiting > 0) socket.Flush();
            if (!socket.IsPeerGone || server.Clients[slot] is null) continue;
            recording?.Write(SessionRecordKind.Gone, slot, now, []);
            server.Release(slot, now);
        }
    }

    bool IUmadTransport.Connect(int client, uint id) => outlet.Connect(client, id);

    void IUmadTransport.Release(int client) => outlet.Release(client);

    void IUmadTransport.Send(int client, ReadOnlySpan<byte> datagram)
    {
        recording?.Write(SessionRecordKind.DataOut, client, now, datagram);
        outlet.Send(client, datagram);
    }

    public void Dispose() => poll.Dispose();
}
