using Weft.Protocol.Tools;
using Weft.Scenarios.Live;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>perftest's talk over TCP: keys as text, and "done" at the end.</summary>
internal sealed class PerfTcpChannel(TcpChannel tcp) : IPerfChannel
{
    public int KeysLength => PerftestKeys.TextLength;

    public Task WriteAsync(ReadOnlyMemory<byte> message) => tcp.WriteAsync(message);
    public Task ReadAsync(Memory<byte> message) => tcp.ReadAsync(message);
    public bool TryReadKeys(ReadOnlySpan<byte> source, out PerftestKeys keys) => PerftestKeys.TryReadText(source, out keys);
    public void WriteKeys(Span<byte> target, in PerftestKeys keys) => keys.WriteText(target);

    public async Task CloseAsync()
    {
        var done = "done\0"u8.ToArray();
        await tcp.WriteAsync(done);
        try
        {
            // perftest does not read it; but closing with unread data could break the peer's own write.
            await tcp.ReadAsync(done);
        }
        catch (IOException)
        {
            // the peer is through
        }
    }

    public void Dispose() => tcp.Dispose();
}
