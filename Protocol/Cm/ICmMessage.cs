using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>A message of the communication manager: 232 bytes behind the MAD header. IBA Vol 1 §12.6.</summary>
public interface ICmMessage<TSelf> where TSelf : struct, ICmMessage<TSelf>
{
    static abstract CmAttribute Attribute { get; }
    /// <summary>The description that reads, writes and prints the message.</summary>
    static abstract MadFieldTable Table { get; }
    /// <summary>Reads the 232 bytes behind the MAD header. Fails only when there are fewer; what a field may hold is the state machine's business.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> source, out TSelf message);
    /// <summary>Writes 232 bytes.</summary>
    void Write(Span<byte> target);
}
