namespace Weft.Protocol.Analysis;

/// <summary>What every packet of a connection's one direction has in common.</summary>
internal readonly record struct ChannelKey(Gid Source, Gid Destination, Qpn QueuePair)
{
    // The addresses of one capture differ in few bits, most of them low.
    public override int GetHashCode() =>
        (int)((Source.Low * 0x9E37_79B9_7F4A_7C15 ^ Destination.Low * 0xC2B2_AE3D_27D4_EB4F ^ Source.High ^ Destination.High << 1)
            * 31 >> 32) ^ (int)(QueuePair.Value * 0x85EB_CA6B);
}
