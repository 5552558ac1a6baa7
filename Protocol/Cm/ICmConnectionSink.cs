namespace Weft.Protocol.Cm;

/// <summary>Takes what a connection puts out.</summary>
public interface ICmConnectionSink
{
    /// <summary>A datagram of 256 bytes to the peer's QP1. Must not call the connection.</summary>
    void Send(CmConnection connection, ReadOnlySpan<byte> mad);

    /// <summary>Something to know. It is the last thing that an input does, so the connection may be called from here.</summary>
    void Notify(CmConnection connection, in CmNotice notice);
}
