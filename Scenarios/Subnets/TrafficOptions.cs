namespace Weft.Scenarios.Subnets;

/// <summary>Data traffic in a served subnet.</summary>
/// <param name="Flows">From each of the first hosts to the one after it; the last host's goes to the first.</param>
/// <param name="Size">Bytes of a message.</param>
/// <param name="Rate">Messages of a flow each second.</param>
internal sealed record TrafficOptions(int Flows, int Size, int Rate)
{
    public const int MaxFlows = 1000, MaxSize = 1 << 20, MaxRate = 100_000;

    public Duration Interval => new(1_000_000_000 / Rate);
}
