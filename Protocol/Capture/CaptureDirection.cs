namespace Weft.Protocol.Capture;

/// <summary>Seen from the interface. Bits 1..0 of epb_flags; pcapng §4.3.1.</summary>
public enum CaptureDirection : byte
{
    Unknown = 0,
    Inbound = 1,
    Outbound = 2,
}
