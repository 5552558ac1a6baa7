namespace Weft.Protocol.Iscsi;

/// <summary>A typed view of a <see cref="Iscsi.Bhs"/> with one opcode.</summary>
public interface IPdu<TSelf>
    where TSelf : struct, IPdu<TSelf>
{
    static abstract IscsiOpcode Opcode { get; }
    Bhs Bhs { get; init; }
}
