namespace Weft.Protocol.Capture;

/// <summary>One packet of a capture file.</summary>
/// <param name="Number">From 1, as Wireshark counts.</param>
/// <param name="Interface">Index into <see cref="CaptureReader.Interfaces"/>.</param>
/// <param name="Time">Since 1970 in captures of real networks, since the start of the run in simulated ones.</param>
/// <param name="Data">Valid until the next packet is read.</param>
/// <param name="OriginalLength">Length on the wire; larger than the data when the capture was cut.</param>
public readonly record struct CapturedPacket(
    int Number, int Interface, CaptureLinkType LinkType, Instant Time, ReadOnlyMemory<byte> Data, uint OriginalLength,
    CaptureDirection Direction = CaptureDirection.Unknown, string? Comment = null);
