namespace Weft.Fabric.Verbs;

/// <summary>What an armed completion queue waits for. IBA Vol 1 §11.4.2.2.</summary>
public enum NotifyType : byte
{
    NextCompletion,
    /// <summary>A receive whose packet asked for it, or any error.</summary>
    Solicited,
}

/// <summary>Told that a completion queue has something, on the node's executor and never from inside a verb call.</summary>
public interface ICompletionHandler
{
    void OnCompletions(ICompletionQueue cq);
}

/// <summary>A completion queue. IBA Vol 1 §10.2.7, §11.2.8.</summary>
public interface ICompletionQueue
{
    int Capacity { get; }
    object? Context { get; set; }

    /// <summary>Takes up to <paramref name="target"/>.Length entries.</summary>
    int Poll(Span<WorkCompletion> target);

    /// <summary>
    /// Asks for one notification. As on hardware, an entry that came between the last empty poll and this call gives no
    /// notification: poll once more after arming. A stronger request overrides a weaker one.
    /// </summary>
    void Arm(NotifyType type = NotifyType.NextCompletion);

    /// <summary>Refused as Busy while a QP uses it.</summary>
    VerbsError? Destroy();
}
