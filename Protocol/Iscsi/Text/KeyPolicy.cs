using System.Globalization;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>
/// What one side wants of each key: the limit of a minimum or maximum, its vote of AND and OR, the elements it takes of a list in order of
/// liking, the value it declares; and which keys it brings up itself, in which order. Immutable once given to a negotiation.
/// </summary>
public sealed class KeyPolicy
{
    private readonly string?[] wants = new string?[KeyTable.Count];
    private readonly List<KeyId> offers = [];

    public KeyPolicy()
    {
        foreach (var key in KeyTable.All) wants[(int)key.Id] = key.Default;
    }

    /// <summary>Keys that this side brings up, in order.</summary>
    public IReadOnlyList<KeyId> Offers => offers;

    public string? this[KeyId id] => wants[(int)id];

    public KeyPolicy With(KeyId id, string value)
    {
        wants[(int)id] = value;
        return this;
    }

    /// <exception cref="ArgumentOutOfRangeException">The key does not have such a value.</exception>
    public KeyPolicy With(KeyId id, uint value)
    {
        if (!KeyTable.Get(id).Allows(value)) throw new ArgumentOutOfRangeException(nameof(value), value, id.ToString());
        return With(id, value.ToString(CultureInfo.InvariantCulture));
    }

    public KeyPolicy With(KeyId id, bool value) => With(id, value ? "Yes" : "No");

    /// <summary>Sets a value and brings the key up, after those before it.</summary>
    public KeyPolicy Offer(KeyId id, string value)
    {
        if (!offers.Contains(id)) offers.Add(id);
        return With(id, value);
    }

    public KeyPolicy Offer(KeyId id, uint value)
    {
        if (!offers.Contains(id)) offers.Add(id);
        return With(id, value);
    }

    public KeyPolicy Offer(KeyId id, bool value) => Offer(id, value ? "Yes" : "No");

    public KeyPolicy DoNotOffer(KeyId id)
    {
        offers.Remove(id);
        return this;
    }

    public uint Number(KeyId id) => uint.Parse(wants[(int)id]!, CultureInfo.InvariantCulture);
    public bool Flag(KeyId id) => wants[(int)id] == "Yes";

    public KeyPolicy Clone()
    {
        var copy = new KeyPolicy();
        wants.CopyTo(copy.wants, 0);
        copy.offers.AddRange(offers);
        return copy;
    }

    /// <summary>
    /// An iSER target that moves all data by RDMA, as tgt does: no immediate and no unsolicited data, so that its receive buffers can be
    /// small (tgt's least, 1024).
    /// </summary>
    public static KeyPolicy RdmaOnlyTarget() =>
        IserTarget(initialR2T: true, immediateData: false).With(KeyId.TargetRecvDataSegmentLength, 1024);

    /// <summary>An iSER target that takes immediate data, as LIO does; unsolicited Data-Out too if <paramref name="initialR2T"/> is false.</summary>
    public static KeyPolicy ImmediateDataTarget(bool initialR2T = true) => IserTarget(initialR2T, immediateData: true);

    private static KeyPolicy IserTarget(bool initialR2T, bool immediateData) => new KeyPolicy()
        .With(KeyId.InitialR2T, initialR2T).With(KeyId.ImmediateData, immediateData)
        .With(KeyId.DefaultTime2Retain, 0).With(KeyId.iSCSIProtocolLevel, 2)
        .With(KeyId.RDMAExtensions, true)
        .With(KeyId.TargetRecvDataSegmentLength, 8192).With(KeyId.InitiatorRecvDataSegmentLength, KeyTable.MaxLength);

    /// <summary>What open-iscsi offers in a normal session, in its order. Values are its defaults.</summary>
    public static KeyPolicy OpenIscsi(bool iser)
    {
        var policy = new KeyPolicy();
        if (!iser) policy.Offer(KeyId.HeaderDigest, "None").Offer(KeyId.DataDigest, "None");
        policy.Offer(KeyId.DefaultTime2Wait, 2).Offer(KeyId.DefaultTime2Retain, 0)
            .Offer(KeyId.IFMarker, false).Offer(KeyId.OFMarker, false).Offer(KeyId.ErrorRecoveryLevel, 0)
            .Offer(KeyId.InitialR2T, false).Offer(KeyId.ImmediateData, true)
            .Offer(KeyId.MaxBurstLength, 16776192).Offer(KeyId.FirstBurstLength, 262144)
            .Offer(KeyId.MaxOutstandingR2T, 1).Offer(KeyId.MaxConnections, 1)
            .Offer(KeyId.DataPDUInOrder, true).Offer(KeyId.DataSequenceInOrder, true);
        return iser
            ? policy.Offer(KeyId.InitiatorRecvDataSegmentLength, 262144).Offer(KeyId.TargetRecvDataSegmentLength, 8192)
                .Offer(KeyId.RDMAExtensions, true)
            : policy.Offer(KeyId.MaxRecvDataSegmentLength, 262144);
    }

    /// <summary>What open-iscsi offers in a discovery session, in its order.</summary>
    public static KeyPolicy OpenIscsiDiscovery() => new KeyPolicy()
        .Offer(KeyId.HeaderDigest, "None").Offer(KeyId.DataDigest, "None")
        .Offer(KeyId.DefaultTime2Wait, 2).Offer(KeyId.DefaultTime2Retain, 0)
        .Offer(KeyId.IFMarker, false).Offer(KeyId.OFMarker, false).Offer(KeyId.ErrorRecoveryLevel, 0)
        .Offer(KeyId.MaxRecvDataSegmentLength, 8192);
}
