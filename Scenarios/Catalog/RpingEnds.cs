using Weft.Scenarios.Runner;
using Weft.Scenarios.Tools.Rping;

namespace Weft.Scenarios.Catalog;

/// <summary>Waits for the ends of rping's connections.</summary>
internal static class RpingEnds
{
    /// <summary>
    /// rping has no timer of its own: a side whose peer gave up, and whose farewells were all lost, waits for ever. Where the network lost
    /// frames, who does not move for as long as giving up takes is ended.
    /// </summary>
    public static async Task WaitAsync<T>(ScenarioWorld world, IReadOnlyList<T> ends, string what) where T : RpingEndpoint
    {
        while (true)
        {
            var pings = ends.Sum(e => (long)e.Pings);
            try
            {
                await world.Until(() => ends.All(e => e.IsFinished), what, NetworkConduct.Patience);
                return;
            }
            catch (TimeoutException) when (world.Network.MayCutConnections)
            {
                if (ends.Sum(e => (long)e.Pings) > pings) continue;
                world.Saw("a side waited in vain for its peer, as rping does where farewells are lost");
                foreach (var end in ends) end.Disconnect();
                await world.Until(() => ends.All(e => e.IsFinished), what);
                return;
            }
        }
    }
}
