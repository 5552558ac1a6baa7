namespace Weft.Protocol.Iscsi.Text;

/// <summary>What became of a key in a negotiation.</summary>
public enum KeyOutcome : byte
{
    /// <summary>Nobody spoke of it.</summary>
    Default,
    /// <summary>We offered it and wait for the answer.</summary>
    Offered,
    Agreed,
    /// <summary>The peer declared it.</summary>
    Declared,
    NotUnderstood,
    Irrelevant,
    Rejected,
}
