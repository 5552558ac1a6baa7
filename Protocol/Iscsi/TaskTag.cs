namespace Weft.Protocol.Iscsi;

/// <summary>Initiator or target task tag: chosen by one side, echoed by the other, no order. RFC 7143 §11.2.1.8.</summary>
public readonly record struct TaskTag(uint Value)
{
    /// <summary>Means "no tag" in both directions.</summary>
    public static readonly TaskTag Reserved = new(0xFFFF_FFFF);
    public bool IsReserved => Value == 0xFFFF_FFFF;
    public override string ToString() => IsReserved ? "-" : $"{Value:x}";
}
