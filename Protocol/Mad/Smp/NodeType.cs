namespace Weft.Protocol.Mad.Smp;

/// <summary>Kind of a node. IBA Vol 1 §14.2.5.3.</summary>
public enum NodeType : byte
{
    None = 0,
    /// <summary>Channel adapter.</summary>
    Ca = 1,
    Switch = 2,
    Router = 3,
}
