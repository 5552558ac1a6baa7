using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine;

/// <summary>The way to a peer of a datagram QP.</summary>
internal sealed class AddressHandle(ProtectionDomain domain, in AddressVector vector) : IAddressHandle
{
    public readonly AddressVector Path = vector;
    public readonly ProtectionDomain Domain = domain;
    public AddressVector Vector => Path;
    public bool IsDestroyed { get; private set; }

    public void Destroy()
    {
        if (IsDestroyed) return;
        IsDestroyed = true;
        Domain.Remove(this);
    }
}
