namespace Weft.Protocol.Nbd;

/// <summary>What a client asks for before transmission. NBD protocol, "Option types".</summary>
public enum NbdOption : uint
{
    /// <summary>Transmission of an export at once; no way to say no but to hang up.</summary>
    ExportName = 1,
    Abort = 2,
    List = 3,
    StartTls = 5,
    Info = 6,
    /// <summary>As <see cref="Info"/>, and transmission afterwards.</summary>
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
    ExtendedHeaders = 11,
}
