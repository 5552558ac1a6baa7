using Weft.Fabric.Execution;

namespace Weft.Target.Tests.Commands;

/// <summary>An executor whose only freedom is which non-empty lane goes next: a list of choices, played or enumerated.</summary>
internal sealed class OrderExecutor : IExecutor, IChooser
{
    private readonly List<OrderLane> lanes = [];
    private readonly IReadOnlyList<int> played;
    private readonly Random? random;

    /// <summary>What was chosen, and out of how many.</summary>
    public readonly List<(int Choice, int Of)> Choices = [];

    public OrderExecutor(IReadOnlyList<int>? played = null, int? seed = null) =>
        (this.played, random) = (played ?? [], seed is { } s ? new Random(s) : null);

    public string Name => "target";
    public Instant Now => Instant.Zero;
    public IChooser Chooser => this;
    public IEnumerable<Weft.Fabric.Execution.Timer> ArmedTimers => [];
    public int LaneCount => lanes.Count;

    public ILane CreateLane(string name, ChoiceKind kind)
    {
        var lane = new OrderLane(name, kind);
        lanes.Add(lane);
        return lane;
    }

    public void ReleaseLane(ILane lane) => Assert.True(((OrderLane)lane).Items.Count == 0 && lanes.Remove((OrderLane)lane));
    public Weft.Fabric.Execution.Timer CreateTimer(string name, Action onFired) => throw new NotSupportedException();

    public int Choose(int n, in ChoicePoint why)
    {
        if (n == 1) return 0;
        var choice = Choices.Count < played.Count ? played[Choices.Count] : random?.Next(n) ?? 0;
        Choices.Add((choice, n));
        return choice;
    }

    public ulong Draw(int bits, in ChoicePoint why) => 0;

    /// <summary>Runs items until every lane is empty.</summary>
    public void Drain()
    {
        while (Step())
        {
        }
    }

    /// <summary>Runs one item of a chosen lane; false when there is none.</summary>
    public bool Step()
    {
        var ready = 0;
        foreach (var lane in lanes)
            if (lane.Items.Count > 0) ready++;
        if (ready == 0) return false;
        var pick = ready == 1 ? 0 : Choose(ready, new(ChoiceKind.BackEnd, Name));
        for (var i = 0; ; i++)
        {
            if (lanes[i].Items.Count == 0 || pick-- > 0) continue;
            var item = lanes[i].Items.Dequeue();
            item.IsPosted = false;
            item.Run();
            return true;
        }
    }

    /// <summary>
    /// Runs the body once for every list of choices there is.
    /// </summary>
    /// <returns>How many there were.</returns>
    public static int Enumerate(Action<OrderExecutor> body)
    {
        var prefix = new List<int>();
        for (var runs = 1; ; runs++)
        {
            var executor = new OrderExecutor(prefix);
            body(executor);
            var last = executor.Choices.Count - 1;
            while (last >= 0 && executor.Choices[last].Choice == executor.Choices[last].Of - 1) last--;
            if (last < 0) return runs;
            prefix = [.. executor.Choices.Take(last).Select(c => c.Choice), executor.Choices[last].Choice + 1];
        }
    }

    private sealed class OrderLane(string name, ChoiceKind kind) : ILane
    {
        public readonly Queue<WorkItem> Items = new();
        public string Name => name;
        public ChoiceKind Kind => kind;

        public void Post(WorkItem item)
        {
            Assert.False(item.IsPosted);
            item.IsPosted = true;
            Items.Enqueue(item);
        }

        public void Post(WorkItem item, Duration delay) => Post(item);
    }
}
