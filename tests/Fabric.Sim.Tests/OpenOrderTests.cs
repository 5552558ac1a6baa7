using Weft.Fabric.Sim.Explore;

namespace Weft.Fabric.Sim.Tests;

public sealed class OpenOrderTests
{
    [Theory]
    [InlineData(Reduction.None)]
    [InlineData(Reduction.SourceSets)]
    public void Only_the_orders_behind_it_are_explored(Reduction reduction)
    {
        var seen = new List<string>();
        var explorer = new Explorer(run =>
        {
            var order = new List<string>();
            var world = new World(new() { Chooser = run.Chooser, Seed = run.Seed, Order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), new(100)) }, run.Resources);
            var node = world.AddHost("h1");
            var lanes = Enumerable.Range(0, 4).Select(i => node.CreateLane($"l{i}", ChoiceKind.Dispatch)).ToArray();
            var result = world.Run(async w =>
            {
                w.CloseOrder();
                var moved = node.CreateTimer("moved", () => order.Add("moved"));
                var cancelled = node.CreateTimer("cancelled", () => order.Add("cancelled"));
                moved.Arm(new(10));
                cancelled.Arm(new(1500));
                lanes[0].Post(new Do(() => order.Add("a")));
                lanes[1].Post(new Do(() => order.Add("b")));
                await w.Delay(new(5));
                moved.Arm(new(2000));
                cancelled.Cancel();
                await w.Delay(new(1000));
                w.OpenOrder();
                lanes[2].Post(new Do(() => order.Add("c")));
                lanes[3].Post(new Do(() => order.Add("d")));
                await w.Idle();
            });
            if (result.Outcome != RunOutcome.Cut) seen.Add(string.Join(' ', order));
            return result;
        });
        var report = explorer.Explore(new ExhaustiveStrategy(reduction));
        Assert.True(report.IsExhausted);
        Assert.Equal(0, report.Failed);
        Assert.Equal(["a b c d moved", "a b d c moved"], seen.Order());
    }
}
