namespace Weft.Protocol.Cm;

/// <summary>Which message an MRA or a REJ speaks of. IBA Vol 1 §12.7.1, §12.7.2.</summary>
public enum CmMessageRef : byte
{
    Req = 0,
    Rep = 1,
    /// <summary>In an MRA the LAP; in a REJ any other message, or none.</summary>
    Other = 2,
    Reserved = 3,
}
