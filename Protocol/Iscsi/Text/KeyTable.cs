using System.Text;
using static Weft.Protocol.Iscsi.Text.KeyFunction;
using static Weft.Protocol.Iscsi.Text.KeyId;
using static Weft.Protocol.Iscsi.Text.KeyScope;
using static Weft.Protocol.Iscsi.Text.KeySenders;
using static Weft.Protocol.Iscsi.Text.KeyStages;
using static Weft.Protocol.Iscsi.Text.KeyUse;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>The text keys of RFC 7143 §13, RFC 7144 and RFC 7145 §6, as data.</summary>
public static class KeyTable
{
    /// <summary>Largest data segment and burst: 2^24 - 1.</summary>
    public const uint MaxLength = 0xFF_FFFF;
    /// <summary>Least data segment and burst.</summary>
    public const uint MinLength = 512;

    public static readonly IReadOnlyList<KeyDefinition> All =
    [
        Text(InitiatorName, Session, Initiator, AnyLogin, "RFC 7143 §13.5"),
        Text(InitiatorAlias, Session, Initiator, Any, "RFC 7143 §13.7"),
        Text(TargetName, Session, Both, Any, "RFC 7143 §13.4"),
        Text(TargetAlias, Session, Target, Any, "RFC 7143 §13.6"),
        Text(TargetAddress, Session, Target, Any, "RFC 7143 §13.8"),
        Text(TargetPortalGroupTag, Session, Target, AnyLogin, "RFC 7143 §13.9"),
        Text(SessionType, Session, Initiator, AnyLogin, "RFC 7143 §13.21"),
        Text(SendTargets, Session, Initiator, FullFeature, "RFC 7143 §13.3"),
        Choice(AuthMethod, null, Connection, Security, "RFC 7143 §12.1"),
        Choice(HeaderDigest, "None", Connection, Operational, "RFC 7143 §13.1"),
        Choice(DataDigest, "None", Connection, Operational, "RFC 7143 §13.1"),
        Number(MaxConnections, Minimum, 1, 1, 65535, Session, Operational, NotInDiscovery, "RFC 7143 §13.2"),
        Flag(InitialR2T, Or, "Yes", NotInDiscovery, "RFC 7143 §13.10"),
        Flag(ImmediateData, And, "Yes", NotInDiscovery, "RFC 7143 §13.11"),
        Number(MaxRecvDataSegmentLength, Declarative, 8192, MinLength, MaxLength, Connection, Operational | FullFeature, Everywhere, "RFC 7143 §13.12"),
        Number(MaxBurstLength, Minimum, 262144, MinLength, MaxLength, Session, Operational, NotInDiscovery, "RFC 7143 §13.13"),
        Number(FirstBurstLength, Minimum, 65536, MinLength, MaxLength, Session, Operational, NotInDiscovery, "RFC 7143 §13.14"),
        Number(DefaultTime2Wait, Maximum, 2, 0, 3600, Session, Operational, Everywhere, "RFC 7143 §13.15"),
        Number(DefaultTime2Retain, Minimum, 20, 0, 3600, Session, Operational, Everywhere, "RFC 7143 §13.16"),
        Number(MaxOutstandingR2T, Minimum, 1, 1, 65535, Session, Operational, NotInDiscovery, "RFC 7143 §13.17"),
        Flag(DataPDUInOrder, Or, "Yes", NotInDiscovery, "RFC 7143 §13.18"),
        Flag(DataSequenceInOrder, Or, "Yes", NotInDiscovery, "RFC 7143 §13.19"),
        Number(ErrorRecoveryLevel, Minimum, 0, 0, 2, Session, Operational, Everywhere, "RFC 7143 §13.20"),
        Flag(IFMarker, And, "No", Everywhere, "RFC 7143 §13.25"),
        Flag(OFMarker, And, "No", Everywhere, "RFC 7143 §13.25"),
        Choice(IFMarkInt, null, Connection, Operational, "RFC 7143 §13.25"),
        Choice(OFMarkInt, null, Connection, Operational, "RFC 7143 §13.25"),
        Choice(TaskReporting, "RFC3720", Session, Operational, "RFC 7143 §13.23", NotInDiscovery),
        Number(iSCSIProtocolLevel, Minimum, 1, 0, 31, Session, Operational, Everywhere, "RFC 7143 §13.24"),
        Flag(RDMAExtensions, And, "No", NotInDiscovery, "RFC 7145 §6.3"),
        Number(TargetRecvDataSegmentLength, Minimum, 8192, MinLength, MaxLength, Connection, Operational, NotInDiscovery | OnlyIser, "RFC 7145 §6.4"),
        Number(InitiatorRecvDataSegmentLength, Minimum, 8192, MinLength, MaxLength, Connection, Operational, NotInDiscovery | OnlyIser, "RFC 7145 §6.5"),
        Number(MaxOutstandingUnexpectedPDUs, Declarative, 0, 0, uint.MaxValue, Connection, Operational, NotInDiscovery | OnlyIser, "RFC 7145 §6.7"),
        Number(MaxAHSLength, Declarative, 256, 2, uint.MaxValue, Session, Operational, NotInDiscovery | OnlyIser, "RFC 7145 §6.8"),
        Flag(TaggedBufferForSolicitedDataOnly, And, "No", NotInDiscovery | OnlyIser, "RFC 7145 §6.9"),
        Flag(iSERHelloRequired, And, "No", NotInDiscovery | OnlyIser, "RFC 7145 §6.10"),
    ];

    public static int Count => All.Count;
    public static KeyDefinition Get(KeyId id) => All[(int)id];

    private static readonly byte[][] Names = [.. All.Select(k => Encoding.ASCII.GetBytes(k.Name))];

    /// <summary>Finds a key by its name, which is case sensitive. Null if it is not one of the table.</summary>
    public static KeyDefinition? Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Names.Length; i++)
            if (name.SequenceEqual(Names[i])) return All[i];
        return null;
    }

    private static KeyDefinition Text(KeyId id, KeyScope scope, KeySenders senders, KeyStages stages, string spec) =>
        new(id, Declarative, KeyValueKind.Text, null, 0, 0, scope, senders, stages, stages == AnyLogin, Everywhere, spec);

    private static KeyDefinition Choice(KeyId id, string? value, KeyScope scope, KeyStages stages, string spec, KeyUse use = Everywhere) =>
        new(id, KeyFunction.List, KeyValueKind.List, value, 0, 0, scope, Both, stages, scope == Session, use, spec);

    private static KeyDefinition Flag(KeyId id, KeyFunction function, string value, KeyUse use, string spec) =>
        new(id, function, KeyValueKind.Boolean, value, 0, 1, Session, Both, Operational, true, use, spec);

    private static KeyDefinition Number(
        KeyId id, KeyFunction function, uint value, uint min, uint max, KeyScope scope, KeyStages stages, KeyUse use, string spec) =>
        new(id, function, KeyValueKind.Number, value.ToString(System.Globalization.CultureInfo.InvariantCulture), min, max, scope, Both, stages,
            scope == Session, use, spec);
}
