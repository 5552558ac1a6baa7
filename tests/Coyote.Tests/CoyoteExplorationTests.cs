using Weft.Races.Tests;
using Weft.Races.Tests.ConnectionSetup;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Coyote;
using Weft.Scenarios.Runner;

namespace Weft.Coyote.Tests;

/// <summary>Coyote answers the choices of our worlds as our own strategies do.</summary>
public class CoyoteExplorationTests
{
    private static CoyoteExploration Exploration(ScenarioParts parts)
    {
        var scenario = ScenarioCatalog.Find("login-before-established")!;
        return new(scenario, Settings.TryCreate(scenario.Settings, [], out _)!, parts);
    }

    [Fact]
    public void Both_orders_of_the_first_race_are_seen_and_pass()
    {
        var exploration = Exploration(ScenarioParts.Product);
        exploration.Explore(iterations: 200, seed: 1);
        Assert.True(exploration.Bugs == 0, exploration.LastResult);
        Assert.Equal(["established first", "login PDU first: held, then answered"], exploration.Courses.Keys);
        Assert.Equal(200, exploration.Courses.Values.Sum());
    }

    [Fact]
    public void A_login_that_is_forgotten_is_found_and_its_trace_replays()
    {
        var mutant = new Mutant { Connection = (portal, id) => new ForgetsEarlyLogin(portal, id) };
        var exploration = Exploration(mutant);
        exploration.Explore(iterations: 100, seed: 1);
        Assert.Equal(1, exploration.Bugs);
        Assert.InRange(exploration.FoundIn, 1, 20);
        Assert.Contains("one-response", exploration.LastResult, StringComparison.Ordinal);

        var again = Exploration(mutant);
        again.Replay(exploration.Trace);
        Assert.Equal((1, exploration.LastResult), (again.Bugs, again.LastResult));

        var cured = Exploration(ScenarioParts.Product);
        cured.Explore(iterations: 20, seed: 1);
        Assert.Equal(0, cured.Bugs);
    }
}
