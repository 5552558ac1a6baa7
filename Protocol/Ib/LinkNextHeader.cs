namespace Weft.Protocol.Ib;

/// <summary>What follows the LRH. IBA Vol 1 §7.7.5 table 24.</summary>
public enum LinkNextHeader : byte
{
    Raw = 0,
    RawIPv6 = 1,
    /// <summary>BTH.</summary>
    Local = 2,
    /// <summary>GRH, then BTH.</summary>
    Global = 3,
}
