namespace Weft.Target.Commands;

/// <summary>How a command is ordered against the others of its task set. SAM-5 §8.6. Transports translate their own codes.</summary>
public enum TaskAttribute : byte
{
    /// <summary>Also "untagged" of iSCSI.</summary>
    Simple,
    /// <summary>After all older commands, before all younger ones.</summary>
    Ordered,
    /// <summary>Before everything that has not started.</summary>
    HeadOfQueue,
    /// <summary>Auto contingent allegiance; not supported (NORMACA is 0), such commands are refused.</summary>
    Aca,
}
