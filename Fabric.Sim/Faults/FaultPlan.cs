namespace Weft.Fabric.Sim.Faults;

/// <summary>
/// Things that go wrong at a planned moment. What to do is an action on the world: <c>link.SetUp(false)</c>, <c>port.IsCut = true</c>,
/// <c>port.Impairments = …</c>, <c>node.Kill()</c>, <c>node.Restart()</c>. Actions run on the script's node.
/// </summary>
public sealed class FaultPlan
{
    private readonly World world;
    private readonly List<string> done = [];

    internal FaultPlan(World world) => this.world = world;

    /// <summary>Faults that have happened, in order.</summary>
    public IReadOnlyList<string> Done => done;

    /// <summary>At a moment of virtual time.</summary>
    public void At(Instant when, string name, Action action) => world.Script.CreateTimer(name, () => Do(name, action)).Arm(when);

    /// <summary>
    /// At one of several moments, or never, as chosen: alternative 0 is never, 1 is the first.
    /// </summary>
    public void AtOneOf(ReadOnlySpan<Instant> moments, string name, Action action)
    {
        var chosen = world.Chooser.Choose(moments.Length + 1, new(ChoiceKind.Fault, name));
        if (chosen > 0) At(moments[chosen - 1], name, action);
    }

    /// <summary>As soon as a condition holds; it is looked at after every event.</summary>
    public void When(Func<bool> condition, string name, Action action) => world.When(condition, new Planned(this, name, action));

    private void Do(string name, Action action)
    {
        done.Add(name);
        action();
    }

    private sealed class Planned(FaultPlan plan, string name, Action action) : WorkItem
    {
        public override void Run() => plan.Do(name, action);
    }
}
