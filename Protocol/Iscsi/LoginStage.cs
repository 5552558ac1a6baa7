namespace Weft.Protocol.Iscsi;

/// <summary>Stages of a login, CSG and NSG. RFC 7143 §11.12.3. 2 is not used.</summary>
public enum LoginStage : byte
{
    Security = 0,
    Operational = 1,
    Reserved = 2,
    FullFeature = 3,
}
