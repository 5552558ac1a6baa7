namespace Weft.Protocol.Iscsi;

/// <summary>Naming authority of an <see cref="Isid"/>.</summary>
public enum IsidType : byte
{
    Oui = 0,
    EnterpriseNumber = 1,
    Random = 2,
    Reserved = 3,
}
