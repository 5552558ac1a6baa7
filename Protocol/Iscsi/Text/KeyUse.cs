namespace Weft.Protocol.Iscsi.Text;

/// <summary>Where a key has no meaning, and an offer of it is answered Irrelevant.</summary>
[Flags]
public enum KeyUse : byte
{
    Everywhere = 0,
    NotInDiscovery = 1,
    /// <summary>A key of RFC 7145.</summary>
    OnlyIser = 2,
}
