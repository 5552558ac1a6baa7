namespace Weft.Fabric.Execution;

/// <summary>
/// A lane that keeps track of what is being awaited on it, so that a run in which nothing can happen any more says who waits for what.
/// </summary>
public interface IWaitObserver
{
    void WaitBegins(CompletionBase completion);
    void WaitEnds(CompletionBase completion);
}
