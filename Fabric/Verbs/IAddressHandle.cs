namespace Weft.Fabric.Verbs;

/// <summary>The way to a peer of a datagram QP. IBA Vol 1 §10.2.2.2.</summary>
public interface IAddressHandle
{
    AddressVector Vector { get; }
    void Destroy();
}
