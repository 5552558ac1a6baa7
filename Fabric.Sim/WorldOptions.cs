namespace Weft.Fabric.Sim;

/// <summary>What a world is made with.</summary>
public sealed record WorldOptions
{
    /// <summary>Answers every choice of a closed kind.</summary>
    public ulong Seed { get; init; } = 1;
    /// <summary>Answers the choices of open kinds; none: the seed does.</summary>
    public IChooser? Chooser { get; init; }
    public OrderOptions Order { get; init; } = OrderOptions.Natural;
    /// <summary>A run that executes more events than this has failed: it goes round in circles.</summary>
    public long EventLimit { get; init; } = 100_000_000;
    /// <summary>A run whose next event is later than this has failed.</summary>
    public Instant TimeLimit { get; init; } = Instant.Zero + Duration.FromSeconds(3600);
    public IWorldObserver? Observer { get; init; }
}
