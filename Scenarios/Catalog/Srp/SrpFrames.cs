using Weft.Fabric.Sim.Links;
using Weft.Protocol.Srp;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>Information units on the wire.</summary>
internal static class SrpFrames
{
    /// <summary>A packet that begins a unit of this kind; one that is sent again counts again.</summary>
    public static FrameMatch Unit(SrpOpcode opcode) =>
        frame => Wire.TryRead(frame, out var packet) && packet.DestQp.Value > Qpn.Gsi.Value && packet.Info is { IsSend: true, StartsMessage: true }
            && packet.PayloadLength >= SrpNotice.Length && packet.Payload[0] == (byte)opcode;

    /// <summary>An RNR NAK: the receiver has no buffer. IBA Vol 1 §9.7.5.2.8.</summary>
    public static readonly FrameMatch ReceiverNotReady =
        frame => Wire.TryRead(frame, out var packet) && packet.DestQp.Value > Qpn.Gsi.Value && packet.Info.IsAcknowledge && packet.Aeth.Kind == Protocol.Ib.AethKind.RnrNak;
}
