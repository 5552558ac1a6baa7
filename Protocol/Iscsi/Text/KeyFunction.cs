namespace Weft.Protocol.Iscsi.Text;

/// <summary>How two sides come to one value. RFC 7143 §6.2.</summary>
public enum KeyFunction : byte
{
    /// <summary>Each says its own; no answer.</summary>
    Declarative,
    /// <summary>The answer is one element of the offered list.</summary>
    List,
    Minimum,
    Maximum,
    And,
    Or,
}
