using System.Text;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>Writes a served session down, so that <see cref="SessionReplay"/> can play it again. Allocates nothing per datagram.</summary>
public sealed class SessionWriter
{
    private readonly Stream stream;
    private readonly byte[] header = new byte[SessionRecord.HeaderLength];

    /// <param name="stream">Stays open; gathering small writes is its business.</param>
    /// <param name="topology">The subnet before the first input, as <see cref="Topologies.TopologyWriter"/> writes it.</param>
    public SessionWriter(Stream stream, string topology)
    {
        this.stream = stream;
        stream.Write(SessionRecord.Magic);
        Write(SessionRecordKind.Topology, 0, Instant.Zero, Encoding.UTF8.GetBytes(topology));
    }

    public void Write(SessionRecordKind kind, int client, Instant time, ReadOnlySpan<byte> data)
    {
        SessionRecord.WriteHeader(header, kind, client, time, data.Length);
        stream.Write(header);
        stream.Write(data);
    }

    public void Write(SessionRecordKind kind, int client, Instant time, string text) => Write(kind, client, time, Encoding.UTF8.GetBytes(text));
}
