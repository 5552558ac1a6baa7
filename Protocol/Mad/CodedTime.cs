namespace Weft.Protocol.Mad;

/// <summary>The architecture's five-bit times: 4.096 us x 2^n, from 4 us to 2.4 hours. IBA Vol 1 §9.7.6.1.3, §12.7.</summary>
public static class CodedTime
{
    public const int Max = 31;

    /// <summary>The time that a code (0..31) stands for.</summary>
    public static Duration ToDuration(int code) => new(4096L << (code & Max));

    /// <summary>The smallest code that is no shorter than <paramref name="time"/>, at most 31.</summary>
    public static int FromDuration(Duration time)
    {
        var code = 0;
        while (code < Max && ToDuration(code) < time) code++;
        return code;
    }
}
