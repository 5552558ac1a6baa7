namespace Weft.Fabric.Execution;

/// <summary>
/// A first-in first-out queue of work of one node. Items of one lane keep their order; between lanes the order is a choice.
/// One lane for each thing that real hardware or an operating system keeps in order: a CQ's notifications, a CM id's events.
/// </summary>
public interface ILane
{
    string Name { get; }
    ChoiceKind Kind { get; }

    /// <summary>Queues an item. The caller must not post it again before it has run.</summary>
    void Post(WorkItem item);

    /// <summary>Queues an item that becomes ready after a delay at the earliest.</summary>
    void Post(WorkItem item, Duration delay);
}
