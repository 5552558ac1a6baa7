using System.Reflection;
using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Tests;

/// <summary>Captures of real Linux peers, in tests/data/captures (README there says what each shows).</summary>
public static class Corpus
{
    public static readonly string Folder = typeof(Corpus).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "CaptureFolder").Value!;

    /// <summary>Names of all captures, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.pcap").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> All { get; } = new(Names);

    /// <summary>Every frame of a capture, from the Ethernet header.</summary>
    public static List<byte[]> Frames(string name)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, name));
        var reader = CaptureReader.Open(stream, out var error);
        Assert.Null(error);
        var frames = new List<byte[]>();
        while (reader!.TryRead(out var packet)) frames.Add(packet.Data.ToArray());
        Assert.Null(reader.Error);
        return frames;
    }

    /// <summary>BTH to ICRC of every RoCE packet of a capture.</summary>
    public static List<byte[]> TransportPackets(string name)
    {
        var packets = new List<byte[]>();
        foreach (var frame in Frames(name))
            if (RoceFrame.TryParse(frame, out var parts) == FrameFault.None) packets.Add(parts.Transport(frame).ToArray());
        return packets;
    }

    /// <summary>Payloads of RoCE packets that pass a filter, e.g. management datagrams: packets to QP1.</summary>
    public static List<byte[]> Payloads(string name, Func<Bth, bool> filter)
    {
        var payloads = new List<byte[]>();
        foreach (var bytes in TransportPackets(name))
            if (TransportPacket.TryParse(bytes, out var packet) == PacketFault.None && filter(packet.Bth)) payloads.Add(packet.Payload.ToArray());
        return payloads;
    }
}
