using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Sim.Subnet.Umad;

namespace Weft.Scenarios.Subnets;

/// <summary>
/// Where clients of libumad2sim meet the server: one control socket, a data socket for each client, and one for <c>weft subnet ctl</c>.
/// Unix sockets with abstract names (NAME:ctl, NAME:out0, ...; clients have NAME:inID), or UDP from a port on.
/// </summary>
internal sealed class ManagementSockets : IUmadTransport, IDisposable
{
    public const int ConsoleCapacity = 60_000;
    private readonly string name;
    private readonly bool isUdp;
    private readonly DatagramSocket[] data = new DatagramSocket[UmadServer.MaxClients];
    private int connecting;

    private ManagementSockets(string name, int? port)
    {
        (this.name, isUdp) = (name, port is not null);
        Control = port is { } p ? DatagramSocket.BindUdp(p, UmadControl.Length, keepsSenders: true) : DatagramSocket.BindAbstract($"{name}:ctl", UmadControl.Length, keepsSenders: true);
        for (var i = 0; i < data.Length; i++)
            data[i] = port is { } first ? DatagramSocket.BindUdp(first + 1 + i, UmadDatagram.Length) : DatagramSocket.BindAbstract($"{name}:out{i}", UmadDatagram.Length);
        Console = DatagramSocket.BindAbstract(ConsoleName(name), ConsoleCapacity, keepsSenders: true);
    }

    /// <exception cref="LinkException">A name or port is taken.</exception>
    public static ManagementSockets Open(string name, int? udpPort) => new(name, udpPort);

    /// <summary>Where the console of a server listens.</summary>
    public static string ConsoleName(string serverName) => $"{serverName}:weft";

    public DatagramSocket Control { get; }
    public DatagramSocket Console { get; }
    public ReadOnlySpan<DatagramSocket> Data => data;
    /// <summary>All of them, as they are polled: control, console, then the clients' by slot.</summary>
    public DatagramSocket[] All => [Control, Console, .. data];

    /// <summary>Which datagram of the control socket is being handled: where its sender is, the client's data socket is too.</summary>
    public void Handling(int index) => connecting = index;

    public bool Connect(int client, uint id) =>
        isUdp ? id is >= 1 and <= 65535 && data[client].TryConnectUdp(Control.Sender(connecting), (int)id) : data[client].TryConnectAbstract($"{name}:in{id}");

    public void Release(int client) => data[client].Discard();

    public void Send(int client, ReadOnlySpan<byte> datagram) => data[client].Send(datagram);

    public void Dispose()
    {
        Control.Dispose();
        Console.Dispose();
        foreach (var socket in data) socket.Dispose();
    }
}
