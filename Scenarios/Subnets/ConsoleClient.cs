using System.Net.Sockets;
using System.Text;

namespace Weft.Scenarios.Subnets;

/// <summary>Asks the console of a served subnet.</summary>
internal static class ConsoleClient
{
    private const int PatienceMilliseconds = 10_000;

    /// <summary>False when no server answers; the answer then says so.</summary>
    /// <param name="isDone">Whether the server could carry the line out.</param>
    public static bool TryAsk(string serverName, string line, out string answer, out bool isDone)
    {
        isDone = false;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = PatienceMilliseconds };
            socket.Bind(Name($"{serverName}:ask{Environment.ProcessId}"));
            socket.Connect(Name(ManagementSockets.ConsoleName(serverName)));
            socket.Send(Encoding.UTF8.GetBytes(line));
            var buffer = new byte[ManagementSockets.ConsoleCapacity];
            var text = Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
            isDone = text.StartsWith('+');
            answer = text.Length > 0 ? text[1..] : "";
            return true;
        }
        catch (SocketException e)
        {
            answer = $"no subnet is served under the name '{serverName}' ({e.SocketErrorCode}): weft subnet serve FILE --name {serverName} starts one";
            return false;
        }
    }

    private static UnixDomainSocketEndPoint Name(string name) => new($"\0{name}\0");
}
