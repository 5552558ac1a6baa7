namespace Weft.Protocol.Nbd;

/// <summary>How far a handshake has come.</summary>
public enum NbdHandshakeState : byte
{
    ClientFlags,
    Options,
    /// <summary>Over: requests follow.</summary>
    Transmission,
    /// <summary>Over: what is left to send is sent, then the connection ends.</summary>
    Closed,
}
