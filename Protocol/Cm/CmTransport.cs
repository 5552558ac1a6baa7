namespace Weft.Protocol.Cm;

/// <summary>Transport service type of a REQ. IBA Vol 1 §12.7.13.</summary>
public enum CmTransport : byte
{
    Rc = 0,
    Uc = 1,
    Rd = 2,
    /// <summary>See the extended transport type; 1 there means XRC.</summary>
    Extended = 3,
}
