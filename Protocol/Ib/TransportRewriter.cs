namespace Weft.Protocol.Ib;

/// <summary>
/// Makes a transport packet again from the values of its headers: what a check of "nothing is lost between bytes and values" compares
/// with the original. IBA Vol 1 §9.2, §9.3.
/// </summary>
public static class TransportRewriter
{
    /// <summary>Writes every header from its value and copies payload and pad; the last four bytes, the ICRC, are left to the caller.</summary>
    /// <param name="target">As long as the packet's bytes.</param>
    public static void Rewrite(in TransportPacket packet, Span<byte> target)
    {
        var info = packet.Info;
        packet.Bth.Write(target);
        if (info.HasRdeth) packet.Rdeth.Write(target[Bth.Length..]);
        if (info.HasDeth) packet.Deth.Write(target[info.DethOffset..]);
        if (info.HasXrceth) packet.Xrceth.Write(target[Bth.Length..]);
        if (info.HasFeth) packet.Feth.Write(target[Bth.Length..]);
        if (info.HasReth) packet.Reth.Write(target[info.MainHeaderOffset..]);
        if (info.HasAtomicEth) packet.AtomicEth.Write(target[info.MainHeaderOffset..]);
        if (info.HasAeth) packet.Aeth.Write(target[info.MainHeaderOffset..]);
        if (info.HasAtomicAckEth) packet.AtomicAckEth.Write(target[(info.MainHeaderOffset + Aeth.Length)..]);
        if (info.HasImmediate) packet.Immediate.Write(target[info.TrailingHeaderOffset..]);
        if (info.HasInvalidate) packet.Invalidate.Write(target[info.TrailingHeaderOffset..]);
        packet.Payload.CopyTo(target[info.HeaderLength..]);
        packet.Pad.CopyTo(target[(packet.Bytes.Length - Icrc.Length - packet.PadCount)..]);
    }
}
