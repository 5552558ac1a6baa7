namespace Weft.Fabric.Sim;

/// <summary>
/// How far the order of events is left open.
/// <para>Every pending event may run between its earliest time and that time plus the window of its kind. An event may run next when its
/// earliest time is not after the latest time of any other pending event. What an event causes is never due before the event itself was
/// (its latest time is inherited), so running one event never takes the turn of another away: two events of different nodes commute,
/// which is what makes a reduction of the search exact.</para>
/// <para>Of the events that may run, those of open kinds are alternatives of a choice, also when they only tie. Those of closed kinds with
/// a window are ordered by the seed. Those of closed kinds without one keep their natural order among themselves: by time, then by the
/// rank of the node that caused them, then in the order in which that node caused them. Alternative 0 is the naturally first.</para>
/// </summary>
public sealed record OrderOptions
{
    /// <summary>Plain discrete-event simulation: nothing is left open.</summary>
    public static OrderOptions Natural { get; } = new();

    /// <summary>For <see cref="ChoiceKind.Dispatch"/>: how long software may take to see a notification.</summary>
    public Duration DispatchWindow { get; init; }
    /// <summary>For <see cref="ChoiceKind.Delivery"/>: by how much the latency of a frame may exceed its link's.</summary>
    public Duration DeliveryWindow { get; init; }
    /// <summary>For <see cref="ChoiceKind.Timer"/>: by how much a timer may be late.</summary>
    public Duration TimerWindow { get; init; }
    /// <summary>For <see cref="ChoiceKind.BackEnd"/>: by how much an answer of a back end may be late.</summary>
    public Duration BackEndWindow { get; init; }
    /// <summary>The kinds that exploration decides; the seed decides the others.</summary>
    public ChoiceKinds Open { get; init; }

    /// <summary>The same window for all four kinds of event.</summary>
    public static OrderOptions Explore(ChoiceKinds open, Duration window) => new()
    {
        Open = open,
        DispatchWindow = open.Has(ChoiceKind.Dispatch) ? window : Duration.Zero,
        DeliveryWindow = open.Has(ChoiceKind.Delivery) ? window : Duration.Zero,
        TimerWindow = open.Has(ChoiceKind.Timer) ? window : Duration.Zero,
        BackEndWindow = open.Has(ChoiceKind.BackEnd) ? window : Duration.Zero,
    };

    public Duration Window(ChoiceKind kind) => kind switch
    {
        ChoiceKind.Dispatch => DispatchWindow,
        ChoiceKind.Delivery => DeliveryWindow,
        ChoiceKind.Timer => TimerWindow,
        ChoiceKind.BackEnd => BackEndWindow,
        _ => Duration.Zero,
    };

    /// <summary>Whether the order of events is ever a choice.</summary>
    public bool IsNatural
    {
        get
        {
            for (var kind = ChoiceKind.Delivery; kind <= ChoiceKind.Script; kind++)
                if (IsFree(kind)) return false;
            return true;
        }
    }

    /// <summary>Whether events of closed kinds are ordered by the seed; an exact reduction does not go with that.</summary>
    public bool HasSeededOrder
    {
        get
        {
            for (var kind = ChoiceKind.Delivery; kind <= ChoiceKind.Script; kind++)
                if (Freedom(kind) == OrderFreedom.Seeded) return true;
            return false;
        }
    }

    internal OrderFreedom Freedom(ChoiceKind kind) =>
        !IsEvent(kind) ? OrderFreedom.Fixed
        : Open.Has(kind) ? OrderFreedom.Open
        : Window(kind) > Duration.Zero ? OrderFreedom.Seeded
        : OrderFreedom.Fixed;

    private bool IsFree(ChoiceKind kind) => Freedom(kind) != OrderFreedom.Fixed;

    // The other kinds are questions asked while an event runs, not kinds of event; lanes of those kinds keep their natural order.
    private static bool IsEvent(ChoiceKind kind) =>
        kind is ChoiceKind.Dispatch or ChoiceKind.Delivery or ChoiceKind.Timer or ChoiceKind.BackEnd;
}
