namespace Weft.Protocol.Transport;

/// <summary>
/// How often a requester may try again. Counters are three bits, and any progress refills both. IBA Vol 1 §9.9.2.1.1, §11.2.5.2.
/// A retry count of 7 is seven retries; rxe reads it as "without limit". An RNR count of 7 has no limit.
/// </summary>
public struct RetryPolicy
{
    /// <summary>RNR retry count without limit.</summary>
    public const int Unlimited = 7;

    private readonly int retries, rnrRetries;
    private int retriesLeft, rnrLeft;

    /// <param name="retries">0..7.</param>
    /// <param name="rnrRetries">0..7.</param>
    public RetryPolicy(int retries, int rnrRetries)
    {
        (this.retries, this.rnrRetries) = (retries, rnrRetries);
        OnProgress();
    }

    public void OnProgress() => (retriesLeft, rnrLeft) = (retries, rnrRetries);

    /// <summary>After a timeout, a sequence NAK or a lost response; false when the count is used up.</summary>
    public bool TryRetry() => --retriesLeft >= 0;

    /// <summary>After an RNR NAK; false when the count is used up.</summary>
    public bool TryRnrRetry() => rnrRetries == Unlimited || --rnrLeft >= 0;
}
