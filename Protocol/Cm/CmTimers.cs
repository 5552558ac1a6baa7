using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Times of the communication manager as Linux computes them, from coded times.</summary>
public static class CmTimers
{
    /// <summary>How long the active side waits for the answer to a message: there, think, and back. IBA Vol 1 §12.9.8.3.</summary>
    public static Duration ResponseTimeout(int packetLifetime, int remoteResponseTimeout) =>
        CodedTime.ToDuration(packetLifetime) * 2 + CodedTime.ToDuration(remoteResponseTimeout);

    /// <summary>
    /// Local ACK timeout code: twice the packet lifetime plus the peer's delay, rounded to powers of two. IBA Vol 1 §12.7.34.
    /// </summary>
    public static int AckTimeout(int caAckDelay, int packetLifetime)
    {
        var code = packetLifetime + 1;
        if (code >= caAckDelay) code += caAckDelay >= code - 1 ? 1 : 0;
        else code = caAckDelay + (code >= caAckDelay - 1 ? 1 : 0);
        return Math.Min(CodedTime.Max, code);
    }
}
