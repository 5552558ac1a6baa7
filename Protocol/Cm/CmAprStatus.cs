namespace Weft.Protocol.Cm;

/// <summary>Answer of an APR. IBA Vol 1 §12.8.2, table 117.</summary>
public enum CmAprStatus : byte
{
    Loaded = 0,
    InvalidCommId = 1,
    Unsupported = 2,
    Rejected = 3,
    Redirect = 4,
    IsCurrentPath = 5,
    InvalidQpn = 6,
    InvalidLid = 7,
    InvalidGid = 8,
    InvalidFlowLabel = 9,
    InvalidTrafficClass = 10,
    InvalidHopLimit = 11,
    InvalidRate = 12,
    InvalidSl = 13,
}
