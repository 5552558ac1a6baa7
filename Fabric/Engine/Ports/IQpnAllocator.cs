namespace Weft.Fabric.Engine.Ports;

/// <summary>Which QPNs are free. A QPN whose connection is in TIMEWAIT is not given out again. IBA Vol 1 §12.4, §12.9.8.4.</summary>
internal interface IQpnAllocator
{
    /// <summary>Keeps a QPN from being given to a new QP until <see cref="Unreserve"/>, also after its QP is destroyed.</summary>
    void Reserve(Qpn qpn);
    void Unreserve(Qpn qpn);
}
