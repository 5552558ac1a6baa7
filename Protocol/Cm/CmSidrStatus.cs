namespace Weft.Protocol.Cm;

/// <summary>Answer of a SIDR REP. IBA Vol 1 §12.11.2, table 119.</summary>
public enum CmSidrStatus : byte
{
    Valid = 0,
    ServiceIdNotSupported = 1,
    RejectedByServiceProvider = 2,
    NoQpAvailable = 3,
    /// <summary>Additional information: ClassPortInfo.</summary>
    Redirect = 4,
    UnsupportedVersion = 5,
}
