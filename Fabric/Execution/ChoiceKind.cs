namespace Weft.Fabric.Execution;

/// <summary>What a choice decides. A scenario opens some kinds to exploration; the others follow the seed.</summary>
public enum ChoiceKind : byte
{
    /// <summary>Which of several frames in flight, on lanes without an order between them, arrives first.</summary>
    Delivery,
    /// <summary>Which of a node's pending notifications (CM event, completion, asynchronous event) its software sees first.</summary>
    Dispatch,
    /// <summary>Whether a timer fires before or after something else that is due in the same interval.</summary>
    Timer,
    /// <summary>Whether a back end answers before something else, and in which order answers come.</summary>
    BackEnd,
    /// <summary>Whether a frame is lost.</summary>
    Loss,
    /// <summary>Whether, and where, a frame is damaged.</summary>
    Corruption,
    /// <summary>Whether a frame is delivered twice.</summary>
    Duplication,
    /// <summary>How far a frame is overtaken by later ones.</summary>
    Reordering,
    /// <summary>Extra latency of a frame.</summary>
    Delay,
    /// <summary>When, and whether, a planned fault (link down, cut, refused call) happens.</summary>
    Fault,
    /// <summary>A value that a node must draw at random: QPN, PSN, communication ID, CHAP challenge, ephemeral port.</summary>
    Value,
    /// <summary>A decision of the scenario's own script.</summary>
    Script,
}
