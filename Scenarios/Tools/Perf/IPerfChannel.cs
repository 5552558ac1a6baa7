using Weft.Protocol.Tools;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>What the two sides of a perftest program talk over: TCP, or SENDs on a queue pair of their own.</summary>
internal interface IPerfChannel
{
    /// <exception cref="IOException">The peer is gone.</exception>
    Task WriteAsync(ReadOnlyMemory<byte> message);
    /// <summary>Reads one message of that length.</summary>
    /// <exception cref="IOException">The peer is gone, or sent something else.</exception>
    Task ReadAsync(Memory<byte> message);

    int KeysLength { get; }
    bool TryReadKeys(ReadOnlySpan<byte> source, out PerftestKeys keys);
    void WriteKeys(Span<byte> target, in PerftestKeys keys);
    /// <summary>The last word.</summary>
    Task CloseAsync();
    void Dispose();
}
