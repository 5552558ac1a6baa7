namespace Weft.Protocol.Mad.Sa;

/// <summary>
/// The tables of all records, and of those that only wrap a subnet management attribute: LID first, then which part of which port, then the
/// attribute as the port's agent gave it. IBA Vol 1 §15.2.5.
/// </summary>
public static class SaTables
{
    public static SaRecordTable SwitchInfo { get; } = Wrapped(SaAttribute.SwitchInfoRecord, 24, 4);
    public static SaRecordTable LinearForwardingTable { get; } = Wrapped(SaAttribute.LinearForwardingTableRecord, 72, 8, new SaComponent(new("Block", 2, 16), 1));
    public static SaRecordTable MulticastForwardingTable { get; } =
        Wrapped(SaAttribute.MulticastForwardingTableRecord, 72, 8, new(new("Position", 2, 7, 4), 1), new(new("Block", 2, 0, 9), 3));
    public static SaRecordTable SlToVl { get; } = Wrapped(SaAttribute.SlToVlMappingRecord, 16, 8, new(new("InPort", 2, 8), 1), new(new("OutPort", 3, 8), 2));
    public static SaRecordTable VlArbitration { get; } = Wrapped(SaAttribute.VlArbitrationRecord, 72, 8, new(new("Port", 2, 8), 1), new(new("Block", 3, 8), 2));
    public static SaRecordTable PKeys { get; } = Wrapped(SaAttribute.PKeyTableRecord, 72, 8, new(new("Block", 2, 16), 1), new(new("Port", 4, 8), 2));
    public static SaRecordTable GuidInfo { get; } = Wrapped(SaAttribute.GuidInfoRecord, 72, 8, new SaComponent(new("Block", 2, 8), 1));

    /// <summary>The table of an attribute; null when it is no record that is known here.</summary>
    public static SaRecordTable? Find(SaAttribute attribute) => attribute switch
    {
        SaAttribute.InformInfo => InformInfo.Table,
        SaAttribute.NodeRecord => NodeRecord.Table,
        SaAttribute.PortInfoRecord => PortInfoRecord.Table,
        SaAttribute.SlToVlMappingRecord => SlToVl,
        SaAttribute.SwitchInfoRecord => SwitchInfo,
        SaAttribute.LinearForwardingTableRecord => LinearForwardingTable,
        SaAttribute.MulticastForwardingTableRecord => MulticastForwardingTable,
        SaAttribute.SmInfoRecord => SmInfoRecord.Table,
        SaAttribute.LinkRecord => LinkRecord.Table,
        SaAttribute.GuidInfoRecord => GuidInfo,
        SaAttribute.ServiceRecord => ServiceRecord.Table,
        SaAttribute.PKeyTableRecord => PKeys,
        SaAttribute.PathRecord => PathRecord.Table,
        SaAttribute.VlArbitrationRecord => VlArbitration,
        SaAttribute.McMemberRecord => McMemberRecord.Table,
        SaAttribute.MultiPathRecord => MultiPathRecord.Table,
        SaAttribute.InformInfoRecord => InformInfoRecord.Table,
        _ => null,
    };

    private static SaRecordTable Wrapped(SaAttribute attribute, int length, int start, params SaComponent[] parts) =>
        new(attribute, length, [new(new("Lid", 0, 16, MadFieldFormat.Hex), 0), .. parts, new(new("Attribute", start, (length - start) * 8, MadFieldFormat.Bytes), -1)]);
}
