namespace Weft.Fabric.Sim.Choose;

/// <summary>What an event took back from queues (a timer that it cancelled or moved, frames on a link that went down).</summary>
/// <param name="Earliest">The least earliest time of it; never: nothing was taken back.</param>
/// <param name="Latest">The least latest time of it. Until it was taken back nothing that is due later could run.</param>
public readonly record struct Withdrawal(Instant Earliest, Instant Latest)
{
    public static readonly Withdrawal None = new(Instant.Never, Instant.Never);

    public Withdrawal With(Instant earliest, Instant latest) => new(Instant.Min(Earliest, earliest), Instant.Min(Latest, latest));
}
