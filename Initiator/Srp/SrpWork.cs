namespace Weft.Initiator.Srp;

/// <summary>What a work request is for; the upper half of its number.</summary>
internal enum SrpWork : byte
{
    /// <summary>Registrations and invalidations that produce no completion of their own.</summary>
    Unsignaled,
    RequestSend,
    Invalidate,
    NoticeSend,
    Receive,
    SendDrain,
    ReceiveDrain,
}
