namespace Weft.Fabric.Sim.Choose;

/// <summary>An event that may run next. <see cref="Source"/> and <see cref="Index"/> identify it in every order of events.</summary>
/// <param name="Source">The lane, timer or link direction.</param>
/// <param name="Index">Tells it from the other events of its source: how many the source had before it.</param>
/// <param name="Cause">Number, in this run, of the event that queued it; -1: none did; <see cref="CausedByAll"/>: it follows all so far.</param>
/// <param name="Earliest">See <see cref="OrderOptions"/>, as <see cref="Latest"/>.</param>
/// <param name="IsFixed">Whether it keeps its natural order against others that do.</param>
public readonly record struct Candidate(ulong Source, int Index, int Cause, Instant Earliest, Instant Latest, bool IsFixed)
{
    public const int CausedByAll = -2;
}
