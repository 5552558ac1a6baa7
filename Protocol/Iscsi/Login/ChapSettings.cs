namespace Weft.Protocol.Iscsi.Login;

/// <summary>
/// How one side authenticates. On a target <see cref="Peer"/> is the account the initiator must prove and <see cref="Own"/> the one shown
/// when it asks back; on an initiator <see cref="Own"/> is what it proves and <see cref="Peer"/> what the target must prove.
/// </summary>
/// <param name="Own">Ours; null on a target that does only one-way CHAP.</param>
/// <param name="Peer">The peer's; null on an initiator that does not ask back.</param>
public sealed record ChapSettings(ChapCredentials? Own, ChapCredentials? Peer)
{
    /// <summary>Accepted algorithms; on an initiator in the order it offers them.</summary>
    public IReadOnlyList<ChapAlgorithm> Algorithms { get; init; } =
        [ChapAlgorithm.Sha3_256, ChapAlgorithm.Sha256, ChapAlgorithm.Sha1, ChapAlgorithm.Md5];

    /// <summary>Bytes of our challenges, 16..1024.</summary>
    public int ChallengeLength { get; init; } = 16;

    /// <summary>Further accounts of which a target takes any one.</summary>
    public IReadOnlyList<ChapCredentials> MorePeers { get; init; } = [];

    /// <summary>RFC 7143 §12.1.3 forbids one secret for both directions.</summary>
    public bool SharesSecret
    {
        get
        {
            if (Own is null) return false;
            if (Peer is not null && Own.HasSameSecret(Peer)) return true;
            foreach (var peer in MorePeers)
                if (Own.HasSameSecret(peer)) return true;
            return false;
        }
    }

    internal ChapCredentials? FindPeer(string? name)
    {
        if (name is null || Peer is null || Peer.Name == name) return name is null ? null : Peer;
        foreach (var peer in MorePeers)
            if (peer.Name == name) return peer;
        return null;
    }
}
