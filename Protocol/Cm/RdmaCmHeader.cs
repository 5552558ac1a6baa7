using System.Buffers.Binary;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>
/// What the RDMA CM puts in front of the consumer's private data in a REQ or SIDR REQ: the addresses and the source port (the
/// destination port is in the service ID). IBA Vol 1 annex A11.4. An IPv4 address fills the last four bytes of its sixteen; what stands
/// in the first twelve is kept. REP, REJ, RTU, DREQ and DREP have no such header.
/// </summary>
/// <param name="Version">Major version in bits 7..4, minor in 3..0; Linux refuses anything but 0.</param>
/// <param name="IpVersion">4 or 6; other values arrive and are the receiver's to refuse.</param>
/// <param name="SourcePort">Port of the active side.</param>
/// <param name="RawSource">The sixteen bytes of the source address as they stand on the wire.</param>
/// <param name="RawDestination">The sixteen bytes of the destination address as they stand on the wire.</param>
/// <param name="Reserved">Bits 3..0 behind the IP version.</param>
// 0 Major:4 Minor:4 | 1 IPVersion:4 resv:4 | 2 SourcePort:16 | 4 SourceIP:128 | 20 DestinationIP:128
public readonly record struct RdmaCmHeader(
    byte IpVersion, ushort SourcePort, Gid RawSource, Gid RawDestination, byte Version = 0, byte Reserved = 0)
{
    private static readonly MadField VersionField = new(nameof(Version), 0, 8, MadFieldFormat.Hex);
    private static readonly MadField IpVersionField = new(nameof(IpVersion), 1, 4);
    private static readonly MadField ReservedField = new(nameof(Reserved), 1, 3, 4, MadFieldFormat.Hex);
    private static readonly MadField SourcePortField = new(nameof(SourcePort), 2, 16);
    private static readonly MadField SourceField = new(nameof(Source), 4, 128, MadFieldFormat.Gid);
    private static readonly MadField DestinationField = new(nameof(Destination), 20, 128, MadFieldFormat.Gid);

    public const int Length = 36;

    public static MadFieldTable Table { get; } = new("RDMA-CM", Length,
        VersionField, IpVersionField, ReservedField, SourcePortField, SourceField, DestinationField);

    /// <summary>A header for two addresses of one family: both IPv4 (::ffff:a.b.c.d) or both IPv6.</summary>
    public static RdmaCmHeader For(Gid source, ushort sourcePort, Gid destination) => source.IsIPv4
        ? new(4, sourcePort, new(0, source.IPv4), new(0, destination.IPv4))
        : new(6, sourcePort, source, destination);

    /// <summary>Source address as a GID, IPv4 as ::ffff:a.b.c.d.</summary>
    public Gid Source => IpVersion == 4 ? Gid.FromIPv4((uint)RawSource.Low) : RawSource;
    /// <summary>Destination address as a GID, IPv4 as ::ffff:a.b.c.d.</summary>
    public Gid Destination => IpVersion == 4 ? Gid.FromIPv4((uint)RawDestination.Low) : RawDestination;

    public static bool TryRead(ReadOnlySpan<byte> source, out RdmaCmHeader header)
    {
        header = default;
        if (source.Length < Length) return false;
        header = new(
            (byte)(source[1] >> 4), BinaryPrimitives.ReadUInt16BigEndian(source[2..]), Gid.Read(source[4..]), Gid.Read(source[20..]),
            source[0], (byte)(source[1] & 0x0F));
        return true;
    }

    /// <summary>Writes 36 bytes.</summary>
    public void Write(Span<byte> target)
    {
        target[0] = Version;
        target[1] = (byte)(IpVersion << 4 | (Reserved & 0x0F));
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], SourcePort);
        RawSource.Write(target[4..]);
        RawDestination.Write(target[20..]);
    }

    /// <summary>What a receiver has to refuse. Annex A11.4.1: version 0, and a known IP version.</summary>
    public Violation? Check() =>
        Version != 0 ? new("rdma-cm-version", "IBA A11.4.1", $"version 0x{Version:x2}; only 0 exists")
        : IpVersion is not (4 or 6) ? new("rdma-cm-ip-version", "IBA A11.4.1", $"IP version {IpVersion}; 4 or 6")
        : null;

    public override string ToString() => $"RDMA-CM v{Version:x2} IPv{IpVersion} {Source}:{SourcePort} > {Destination}";
}
