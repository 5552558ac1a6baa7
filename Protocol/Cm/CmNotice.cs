namespace Weft.Protocol.Cm;

/// <summary>Something that a connection tells its owner. Valid during the call only.</summary>
public readonly ref struct CmNotice(CmNoticeKind kind, CmAttribute attribute, ReadOnlySpan<byte> message)
{
    public CmNoticeKind Kind { get; } = kind;
    /// <summary>The message that caused it; None when a timer or a call did.</summary>
    public CmAttribute Attribute { get; } = attribute;
    /// <summary>The 232 bytes of that message, or nothing.</summary>
    public ReadOnlySpan<byte> Message { get; } = message;
}
