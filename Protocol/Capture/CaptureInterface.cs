namespace Weft.Protocol.Capture;

/// <summary>One interface of a capture file.</summary>
/// <param name="Name">if_name, or empty.</param>
/// <param name="SnapLength">Longest packet kept, 0 for no limit.</param>
public sealed record CaptureInterface(string Name, CaptureLinkType LinkType, uint SnapLength);
