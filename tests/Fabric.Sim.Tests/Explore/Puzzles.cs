using Weft.Fabric.Sim.Explore;

namespace Weft.Fabric.Sim.Tests.Explore;

/// <summary>Scenarios that fail in some orders only.</summary>
internal static class Puzzles
{
    private static readonly OrderOptions Order = OrderOptions.Explore(ChoiceKinds.Order, Duration.FromMicroseconds(100));

    /// <summary>
    /// One node, a chain of two events that the bug needs to be cut in two, and noise. Natural order passes. The bug needs a1 before b and b
    /// before a2: two orderings, of which only one is against nature.
    /// </summary>
    public static RunResult Split(ExploredRun run, int noise) => Make(run, noise, (world, node, log) =>
    {
        var a = node.CreateLane("a", ChoiceKind.Dispatch);
        var b = node.CreateLane("b", ChoiceKind.Dispatch);
        a.Post(new Do(() => log.Add('1')));
        a.Post(new Do(() => log.Add('2')));
        b.Post(new Do(() =>
        {
            if (log.Contains('1') && !log.Contains('2')) world.Fail("split", "b came between");
        }));
    });

    /// <summary>Fails when the last of several lanes runs completely before the first one, and one frame in a hundred is lost besides.</summary>
    public static RunResult Backwards(ExploredRun run, int noise) => Make(run, noise, (world, node, log) =>
    {
        var lost = false;
        var first = node.CreateLane("first", ChoiceKind.Dispatch);
        var last = node.CreateLane("last", ChoiceKind.Dispatch);
        for (var i = 0; i < 5; i++)
        {
            first.Post(new Do(() =>
            {
                lost |= world.Chooser.Choose(2, new(ChoiceKind.Loss, "h0", 100_000)) == 1;
                log.Add('f');
            }));
        }
        last.Post(new Do(() => log.Add('l')), Duration.FromNanoseconds(50));
        node.CreateLane("check", ChoiceKind.Dispatch).Post(new Do(() =>
        {
            if (lost && log.Count == 3 && log[2] == 'l') world.Fail("backwards", string.Concat(log));
        }), Duration.FromNanoseconds(60));
    });

    private static RunResult Make(ExploredRun run, int noise, Action<World, SimNode, List<char>> build)
    {
        var order = Order with { Open = Order.Open.With(ChoiceKind.Loss) };
        var world = new World(new() { Seed = run.Seed, Chooser = run.Chooser, Order = order }, run.Resources);
        var node = world.AddHost("h0");
        build(world, node, []);
        for (var i = 0; i < noise; i++)
        {
            var lane = world.AddHost($"h{i + 1}").CreateLane("noise", ChoiceKind.Dispatch);
            for (var e = 0; e < 4; e++) lane.Post(new Do(() => { }), Duration.FromNanoseconds(i));
        }
        return world.RunUntilIdle();
    }
}
