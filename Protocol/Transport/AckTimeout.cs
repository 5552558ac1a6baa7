namespace Weft.Protocol.Transport;

/// <summary>
/// Transport timer: 4.096 us × 2^code, code 0 never. IBA Vol 1 §9.7.6.1.3. An HCA may wait up to four times as long;
/// this one waits exactly that long, as rxe does.
/// </summary>
public static class AckTimeout
{
    public const int MaxCode = 31;

    public static Duration Of(int code) => code == 0 ? Duration.Infinite : Duration.FromNanoseconds(4096L << (code & MaxCode));
}
