namespace Weft.Initiator.Iser;

/// <summary>A region for registration through the send queue, with the key it has, or will have when the queue has got so far.</summary>
internal sealed class FastRegistration(IMemoryRegion region)
{
    public IMemoryRegion Region { get; } = region;
    public RKey Key { get; set; } = region.RKey;
    /// <summary>Registered, as far as was posted: must be invalidated before it can be registered again.</summary>
    public bool IsRegistered { get; set; }
}
