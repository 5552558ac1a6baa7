namespace Weft.Protocol.Cm;

/// <summary>What an edge does, in this order: timer, message, notice.</summary>
[Flags]
public enum CmActions
{
    None = 0,
    StopTimer = 1 << 0,
    /// <summary>Wait for an answer, with all retries.</summary>
    StartTimer = 1 << 1,
    /// <summary>Wait for an answer, with one retry less.</summary>
    RetryTimer = 1 << 2,
    /// <summary>Wait once for as long as the MRA says.</summary>
    ExtendTimer = 1 << 3,
    TimeWaitTimer = 1 << 4,
    /// <summary>Send the message that the call brought, and keep it for repeating.</summary>
    Send = 1 << 5,
    /// <summary>Keep the message that the call brought, without sending it.</summary>
    Keep = 1 << 6,
    /// <summary>Send the kept message again.</summary>
    Resend = 1 << 7,
    /// <summary>Send a REJ with the caller's reason.</summary>
    SendRej = 1 << 8,
    /// <summary>Send a REJ with reason 28, consumer defined.</summary>
    SendRejConsumer = 1 << 9,
    /// <summary>Send a REJ with reason 4, timeout, and the CA GUID.</summary>
    SendRejTimeout = 1 << 10,
    /// <summary>Answer a REQ with reason 10, stale connection.</summary>
    SendRejStale = 1 << 11,
    /// <summary>Send one DREQ without waiting for the answer.</summary>
    SendDreq = 1 << 12,
    SendDrep = 1 << 13,
    /// <summary>Answer a LAP: no alternate paths here.</summary>
    SendApr = 1 << 14,
    SendSidrReject = 1 << 15,
}
