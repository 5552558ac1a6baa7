namespace Weft.Fabric.Verbs;

/// <summary>A receive queue shared by several QPs. IBA Vol 1 §10.2.9, §10.8.5.</summary>
public interface ISharedReceiveQueue
{
    int Capacity { get; }
    object? Context { get; set; }
    VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges);

    /// <summary>Raises SrqLimitReached once when fewer than <paramref name="limit"/> buffers are left, then is 0 again.</summary>
    VerbsError? SetLimit(int limit);
    VerbsError? Destroy();
}
