namespace Weft.Protocol.Mad.Sa;

/// <summary>How the MTU, rate or lifetime in a query is meant. IBA Vol 1 §15.2.5.16.</summary>
public enum SaSelector : byte
{
    GreaterThan = 0,
    LessThan = 1,
    Exactly = 2,
    /// <summary>Largest MTU or rate, smallest lifetime.</summary>
    Best = 3,
}
