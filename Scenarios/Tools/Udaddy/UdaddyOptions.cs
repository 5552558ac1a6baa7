namespace Weft.Scenarios.Tools.Udaddy;

/// <summary>What udaddy's command line sets.</summary>
/// <param name="Connections">Datagram queue pairs, each with a CM id of its own.</param>
/// <param name="Count">Messages of each; 0 only connects.</param>
/// <param name="Size">Bytes of a message, at most a packet's.</param>
internal sealed record UdaddyOptions(int Connections = 1, int Count = 10, int Size = 100)
{
    public const ushort DefaultPort = 7174;
}
