using Weft.Scenarios.Runner;
using Weft.Scenarios.Tools.Rping;

namespace Weft.Scenarios.Catalog;

/// <summary>Pings from host to host, and waits for the ends of rping's connections.</summary>
internal static class RpingEnds
{
    /// <summary>Pings once; where that should work and the network may have cut the connection, again: rping does not try again by itself.</summary>
    /// <param name="isReachable">What is out of reach is so however often it is tried.</param>
    /// <returns>Why the last ping failed; null: it did not.</returns>
    public static async Task<string?> PingAsync(ScenarioWorld world, ScenarioHost from, ScenarioHost to, RpingOptions options, bool isReachable = true)
    {
        var listener = new RpingListener(to.Device, options);
        listener.Listen(to.Endpoint(RpingOptions.DefaultPort));
        for (var attempts = 1; ; attempts++)
        {
            var client = new RpingClient(from.Device, options, _ => { });
            client.Connect(to.Endpoint(RpingOptions.DefaultPort));
            await WaitAsync(world, [client], $"{from.Name} to ping {to.Name}");
            await WaitAsync(world, listener.Servers, $"{to.Name} to answer {from.Name}");
            if (client.Failure is not null && isReachable && world.Network.MayCutConnections && attempts < NetworkConduct.MostAttempts) continue;
            listener.Close();
            return client.Failure;
        }
    }

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
