namespace Weft.Scenarios.Tools.Rping;

/// <summary>What rping's command line sets (librdmacm's example of that name).</summary>
/// <param name="Count">Pings to send; 0 goes on until the peer disconnects.</param>
/// <param name="Size">Bytes of one ping, <see cref="MinSize"/>..<see cref="MaxSize"/>.</param>
/// <param name="Verbose">Print each ping's data.</param>
/// <param name="Validate">Compare what came back with what was sent.</param>
public sealed record RpingOptions(int Count = 1, int Size = 64, bool Verbose = false, bool Validate = true)
{
    public const int DefaultPort = 7174;
    public const int MinSize = 23;
    public const int MaxSize = 65535;
}
