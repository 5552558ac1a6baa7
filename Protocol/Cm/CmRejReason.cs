namespace Weft.Protocol.Cm;

/// <summary>Why a REJ was sent. IBA Vol 1 §12.6.7.2, table 108. The comment names the additional reject information (ARI), where there is any.</summary>
public enum CmRejReason : ushort
{
    None = 0,
    NoQpAvailable = 1,
    NoEecAvailable = 2,
    NoResources = 3,
    /// <summary>The sender gave up waiting. ARI: its CA GUID, which finds the connection when the comm ID of the sender is unknown.</summary>
    Timeout = 4,
    UnsupportedRequest = 5,
    InvalidCommId = 6,
    InvalidCommInstance = 7,
    /// <summary>Nobody listens.</summary>
    InvalidServiceId = 8,
    InvalidTransportType = 9,
    /// <summary>The receiver still holds a connection of that remote QPN and CA GUID.</summary>
    StaleConnection = 10,
    RdcDoesNotExist = 11,
    /// <summary>ARI: an acceptable GID.</summary>
    InvalidPrimaryGid = 12,
    /// <summary>ARI: an acceptable LID.</summary>
    InvalidPrimaryLid = 13,
    InvalidPrimarySl = 14,
    InvalidPrimaryTrafficClass = 15,
    InvalidPrimaryHopLimit = 16,
    /// <summary>ARI: an acceptable rate.</summary>
    InvalidPrimaryRate = 17,
    /// <summary>ARI: an acceptable GID.</summary>
    InvalidAlternateGid = 18,
    /// <summary>ARI: an acceptable LID.</summary>
    InvalidAlternateLid = 19,
    InvalidAlternateSl = 20,
    InvalidAlternateTrafficClass = 21,
    InvalidAlternateHopLimit = 22,
    /// <summary>ARI: an acceptable rate.</summary>
    InvalidAlternateRate = 23,
    /// <summary>ARI: ClassPortInfo of the CM to use.</summary>
    PortAndCmRedirection = 24,
    /// <summary>ARI: GID of the port to use.</summary>
    PortRedirection = 25,
    /// <summary>ARI: an acceptable MTU.</summary>
    InvalidMtu = 26,
    InsufficientResponderResources = 27,
    /// <summary>The consumer refused; its words are in the private data.</summary>
    ConsumerDefined = 28,
    InvalidRnrRetry = 29,
    DuplicateLocalCommId = 30,
    InvalidClassVersion = 31,
    InvalidFlowLabel = 32,
    InvalidAlternateFlowLabel = 33,
    VendorOptionNotSupported = 35,
}
