using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Request for communication. IBA Vol 1 §12.6.5. Local means the sender's side.</summary>
// 0 LocalCommID | 4 resv | 5 VendorID:24 | 8 ServiceID:64 | 16 LocalCaGuid:64 | 24 resv:32 | 28 LocalQKey | 32 LocalQPN:24 | 35 ResponderResources
// 36 LocalEECN:24 | 39 InitiatorDepth | 40 RemoteEECN:24 | 43 RemoteTimeout:5 Transport:2 FlowControl:1 | 44 StartingPSN:24 | 47 LocalTimeout:5 Retry:3
// 48 PKey | 50 MTU:4 RDC:1 RnrRetry:3 | 51 MaxCmRetries:4 SRQ:1 ExtTransport:3 | 52 primary path, 44 bytes | 96 alternate path, 44 bytes | 140 private data
// path: 0 LocalLID 2 RemoteLID 4 LocalGID 20 RemoteGID | 36 FlowLabel:20 resv:6 Rate:6 | 40 TClass 41 Hop | 42 SL:4 SubnetLocal:1 resv:3 | 43 AckTimeout:5 resv:3
public readonly record struct CmReq : ICmMessage<CmReq>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField VendorIdField = new(nameof(VendorId), 5, 24, MadFieldFormat.Hex);
    private static readonly MadField ServiceIdField = new(nameof(ServiceId), 8, 64, MadFieldFormat.Hex, naming: v => new ServiceId(v).ToString());
    private static readonly MadField LocalCaGuidField = new(nameof(LocalCaGuid), 16, 64, MadFieldFormat.Guid);
    private static readonly MadField LocalQKeyField = new(nameof(LocalQKey), 28, 32, MadFieldFormat.Hex);
    private static readonly MadField LocalQpnField = new(nameof(LocalQpn), 32, 24, MadFieldFormat.Hex);
    private static readonly MadField ResponderResourcesField = new(nameof(ResponderResources), 35, 8);
    private static readonly MadField LocalEecnField = new(nameof(LocalEecn), 36, 24, MadFieldFormat.Hex);
    private static readonly MadField InitiatorDepthField = new(nameof(InitiatorDepth), 39, 8);
    private static readonly MadField RemoteEecnField = new(nameof(RemoteEecn), 40, 24, MadFieldFormat.Hex);
    private static readonly MadField RemoteResponseTimeoutField = new(nameof(RemoteResponseTimeout), 43, 7, 5, MadFieldFormat.Time);
    private static readonly MadField TransportTypeField = new(nameof(TransportType), 43, 2, 2, naming: v => ((CmTransport)v).ToString());
    private static readonly MadField EndToEndFlowControlField = new(nameof(EndToEndFlowControl), 43, 0, 1, MadFieldFormat.Flag);
    private static readonly MadField StartingPsnField = new(nameof(StartingPsn), 44, 24, MadFieldFormat.Hex);
    private static readonly MadField LocalResponseTimeoutField = new(nameof(LocalResponseTimeout), 47, 7, 5, MadFieldFormat.Time);
    private static readonly MadField RetryCountField = new(nameof(RetryCount), 47, 2, 3);
    private static readonly MadField PKeyField = new(nameof(PKey), 48, 16, MadFieldFormat.Hex);
    private static readonly MadField PathMtuField = new(nameof(PathMtu), 50, 7, 4, naming: v => ((PathMtu)v).ToString());
    private static readonly MadField RdcExistsField = new(nameof(RdcExists), 50, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField RnrRetryCountField = new(nameof(RnrRetryCount), 50, 2, 3);
    private static readonly MadField MaxCmRetriesField = new(nameof(MaxCmRetries), 51, 7, 4);
    private static readonly MadField SrqField = new(nameof(Srq), 51, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField ExtendedTransportTypeField = new(nameof(ExtendedTransportType), 51, 2, 3);
    private static readonly MadField PrimaryLocalLidField = new(nameof(PrimaryLocalLid), 52, 16, MadFieldFormat.Hex);
    private static readonly MadField PrimaryRemoteLidField = new(nameof(PrimaryRemoteLid), 54, 16, MadFieldFormat.Hex);
    private static readonly MadField PrimaryLocalGidField = new(nameof(PrimaryLocalGid), 56, 128, MadFieldFormat.Gid);
    private static readonly MadField PrimaryRemoteGidField = new(nameof(PrimaryRemoteGid), 72, 128, MadFieldFormat.Gid);
    private static readonly MadField PrimaryFlowLabelField = new(nameof(PrimaryFlowLabel), 88, 20, MadFieldFormat.Hex);
    private static readonly MadField PrimaryPacketRateField = new(nameof(PrimaryPacketRate), 91, 5, 6);
    private static readonly MadField PrimaryTrafficClassField = new(nameof(PrimaryTrafficClass), 92, 8);
    private static readonly MadField PrimaryHopLimitField = new(nameof(PrimaryHopLimit), 93, 8);
    private static readonly MadField PrimaryServiceLevelField = new(nameof(PrimaryServiceLevel), 94, 7, 4);
    private static readonly MadField PrimarySubnetLocalField = new(nameof(PrimarySubnetLocal), 94, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField PrimaryAckTimeoutField = new(nameof(PrimaryAckTimeout), 95, 7, 5, MadFieldFormat.Time);
    private static readonly MadField AlternateLocalLidField = new(nameof(AlternateLocalLid), 96, 16, MadFieldFormat.Hex);
    private static readonly MadField AlternateRemoteLidField = new(nameof(AlternateRemoteLid), 98, 16, MadFieldFormat.Hex);
    private static readonly MadField AlternateLocalGidField = new(nameof(AlternateLocalGid), 100, 128, MadFieldFormat.Gid);
    private static readonly MadField AlternateRemoteGidField = new(nameof(AlternateRemoteGid), 116, 128, MadFieldFormat.Gid);
    private static readonly MadField AlternateFlowLabelField = new(nameof(AlternateFlowLabel), 132, 20, MadFieldFormat.Hex);
    private static readonly MadField AlternatePacketRateField = new(nameof(AlternatePacketRate), 135, 5, 6);
    private static readonly MadField AlternateTrafficClassField = new(nameof(AlternateTrafficClass), 136, 8);
    private static readonly MadField AlternateHopLimitField = new(nameof(AlternateHopLimit), 137, 8);
    private static readonly MadField AlternateServiceLevelField = new(nameof(AlternateServiceLevel), 138, 7, 4);
    private static readonly MadField AlternateSubnetLocalField = new(nameof(AlternateSubnetLocal), 138, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField AlternateAckTimeoutField = new(nameof(AlternateAckTimeout), 139, 7, 5, MadFieldFormat.Time);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 140, 736, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("REQ", CmBody.Length,
        LocalCommIdField, VendorIdField, ServiceIdField, LocalCaGuidField, LocalQKeyField, LocalQpnField,
        ResponderResourcesField, LocalEecnField, InitiatorDepthField, RemoteEecnField, RemoteResponseTimeoutField,
        TransportTypeField, EndToEndFlowControlField, StartingPsnField, LocalResponseTimeoutField, RetryCountField,
        PKeyField, PathMtuField, RdcExistsField, RnrRetryCountField, MaxCmRetriesField, SrqField,
        ExtendedTransportTypeField, PrimaryLocalLidField, PrimaryRemoteLidField, PrimaryLocalGidField,
        PrimaryRemoteGidField, PrimaryFlowLabelField, PrimaryPacketRateField, PrimaryTrafficClassField,
        PrimaryHopLimitField, PrimaryServiceLevelField, PrimarySubnetLocalField, PrimaryAckTimeoutField,
        AlternateLocalLidField, AlternateRemoteLidField, AlternateLocalGidField, AlternateRemoteGidField,
        AlternateFlowLabelField, AlternatePacketRateField, AlternateTrafficClassField, AlternateHopLimitField,
        AlternateServiceLevelField, AlternateSubnetLocalField, AlternateAckTimeoutField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Req;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 92;

    private readonly CmBody body;

    /// <summary>Chosen by the sender, never zero.</summary>
    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    /// <summary>Enhanced connection establishment; 0 when unused.</summary>
    public uint VendorId { get => (uint)VendorIdField.Read(body.Bytes); init => VendorIdField.Write(body.Writable, value); }
    public ServiceId ServiceId { get => new(ServiceIdField.Read(body.Bytes)); init => ServiceIdField.Write(body.Writable, value.Value); }
    /// <summary>Node GUID of the sender: with its QPN this identifies a connection across a crash.</summary>
    public Guid64 LocalCaGuid { get => new(LocalCaGuidField.Read(body.Bytes)); init => LocalCaGuidField.Write(body.Writable, value.Value); }
    /// <summary>0 on reliable connections.</summary>
    public QKey LocalQKey { get => new((uint)LocalQKeyField.Read(body.Bytes)); init => LocalQKeyField.Write(body.Writable, value.Value); }
    public Qpn LocalQpn { get => new((uint)LocalQpnField.Read(body.Bytes)); init => LocalQpnField.Write(body.Writable, value.Value); }
    /// <summary>READs and atomics that the sender is ready to answer at a time.</summary>
    public byte ResponderResources { get => (byte)ResponderResourcesField.Read(body.Bytes); init => ResponderResourcesField.Write(body.Writable, value); }
    public uint LocalEecn { get => (uint)LocalEecnField.Read(body.Bytes); init => LocalEecnField.Write(body.Writable, value); }
    /// <summary>READs and atomics that the sender wants to have outstanding.</summary>
    public byte InitiatorDepth { get => (byte)InitiatorDepthField.Read(body.Bytes); init => InitiatorDepthField.Write(body.Writable, value); }
    public uint RemoteEecn { get => (uint)RemoteEecnField.Read(body.Bytes); init => RemoteEecnField.Write(body.Writable, value); }
    /// <summary>Coded time in which the sender expects the receiver to answer.</summary>
    public byte RemoteResponseTimeout { get => (byte)RemoteResponseTimeoutField.Read(body.Bytes); init => RemoteResponseTimeoutField.Write(body.Writable, value); }
    public CmTransport TransportType { get => (CmTransport)TransportTypeField.Read(body.Bytes); init => TransportTypeField.Write(body.Writable, (ulong)value); }
    public bool EndToEndFlowControl { get => EndToEndFlowControlField.Read(body.Bytes) != 0; init => EndToEndFlowControlField.Write(body.Writable, value ? 1UL : 0); }
    /// <summary>PSN with which the receiver of this message starts to send.</summary>
    public Psn StartingPsn { get => new((uint)StartingPsnField.Read(body.Bytes)); init => StartingPsnField.Write(body.Writable, value.Value); }
    /// <summary>Coded time that the sender itself needs to answer.</summary>
    public byte LocalResponseTimeout { get => (byte)LocalResponseTimeoutField.Read(body.Bytes); init => LocalResponseTimeoutField.Write(body.Writable, value); }
    /// <summary>Transport retries; both sides use it.</summary>
    public byte RetryCount { get => (byte)RetryCountField.Read(body.Bytes); init => RetryCountField.Write(body.Writable, value); }
    public PKey PKey { get => new((ushort)PKeyField.Read(body.Bytes)); init => PKeyField.Write(body.Writable, value.Value); }
    public PathMtu PathMtu { get => (PathMtu)PathMtuField.Read(body.Bytes); init => PathMtuField.Write(body.Writable, (ulong)value); }
    public bool RdcExists { get => RdcExistsField.Read(body.Bytes) != 0; init => RdcExistsField.Write(body.Writable, value ? 1UL : 0); }
    /// <summary>RNR retries of the receiver of this message; 7 is for ever.</summary>
    public byte RnrRetryCount { get => (byte)RnrRetryCountField.Read(body.Bytes); init => RnrRetryCountField.Write(body.Writable, value); }
    public byte MaxCmRetries { get => (byte)MaxCmRetriesField.Read(body.Bytes); init => MaxCmRetriesField.Write(body.Writable, value); }
    public bool Srq { get => SrqField.Read(body.Bytes) != 0; init => SrqField.Write(body.Writable, value ? 1UL : 0); }
    /// <summary>1 is XRC, with transport type Extended.</summary>
    public byte ExtendedTransportType { get => (byte)ExtendedTransportTypeField.Read(body.Bytes); init => ExtendedTransportTypeField.Write(body.Writable, value); }
    public Lid PrimaryLocalLid { get => new((ushort)PrimaryLocalLidField.Read(body.Bytes)); init => PrimaryLocalLidField.Write(body.Writable, value.Value); }
    public Lid PrimaryRemoteLid { get => new((ushort)PrimaryRemoteLidField.Read(body.Bytes)); init => PrimaryRemoteLidField.Write(body.Writable, value.Value); }
    public Gid PrimaryLocalGid { get => Gid.Read(PrimaryLocalGidField.Bytes(body.Bytes)); init => value.Write(PrimaryLocalGidField.Bytes(body.Writable)); }
    public Gid PrimaryRemoteGid { get => Gid.Read(PrimaryRemoteGidField.Bytes(body.Bytes)); init => value.Write(PrimaryRemoteGidField.Bytes(body.Writable)); }
    public uint PrimaryFlowLabel { get => (uint)PrimaryFlowLabelField.Read(body.Bytes); init => PrimaryFlowLabelField.Write(body.Writable, value); }
    public byte PrimaryPacketRate { get => (byte)PrimaryPacketRateField.Read(body.Bytes); init => PrimaryPacketRateField.Write(body.Writable, value); }
    public byte PrimaryTrafficClass { get => (byte)PrimaryTrafficClassField.Read(body.Bytes); init => PrimaryTrafficClassField.Write(body.Writable, value); }
    public byte PrimaryHopLimit { get => (byte)PrimaryHopLimitField.Read(body.Bytes); init => PrimaryHopLimitField.Write(body.Writable, value); }
    public byte PrimaryServiceLevel { get => (byte)PrimaryServiceLevelField.Read(body.Bytes); init => PrimaryServiceLevelField.Write(body.Writable, value); }
    public bool PrimarySubnetLocal { get => PrimarySubnetLocalField.Read(body.Bytes) != 0; init => PrimarySubnetLocalField.Write(body.Writable, value ? 1UL : 0); }
    public byte PrimaryAckTimeout { get => (byte)PrimaryAckTimeoutField.Read(body.Bytes); init => PrimaryAckTimeoutField.Write(body.Writable, value); }
    public Lid AlternateLocalLid { get => new((ushort)AlternateLocalLidField.Read(body.Bytes)); init => AlternateLocalLidField.Write(body.Writable, value.Value); }
    public Lid AlternateRemoteLid { get => new((ushort)AlternateRemoteLidField.Read(body.Bytes)); init => AlternateRemoteLidField.Write(body.Writable, value.Value); }
    public Gid AlternateLocalGid { get => Gid.Read(AlternateLocalGidField.Bytes(body.Bytes)); init => value.Write(AlternateLocalGidField.Bytes(body.Writable)); }
    public Gid AlternateRemoteGid { get => Gid.Read(AlternateRemoteGidField.Bytes(body.Bytes)); init => value.Write(AlternateRemoteGidField.Bytes(body.Writable)); }
    public uint AlternateFlowLabel { get => (uint)AlternateFlowLabelField.Read(body.Bytes); init => AlternateFlowLabelField.Write(body.Writable, value); }
    public byte AlternatePacketRate { get => (byte)AlternatePacketRateField.Read(body.Bytes); init => AlternatePacketRateField.Write(body.Writable, value); }
    public byte AlternateTrafficClass { get => (byte)AlternateTrafficClassField.Read(body.Bytes); init => AlternateTrafficClassField.Write(body.Writable, value); }
    public byte AlternateHopLimit { get => (byte)AlternateHopLimitField.Read(body.Bytes); init => AlternateHopLimitField.Write(body.Writable, value); }
    public byte AlternateServiceLevel { get => (byte)AlternateServiceLevelField.Read(body.Bytes); init => AlternateServiceLevelField.Write(body.Writable, value); }
    public bool AlternateSubnetLocal { get => AlternateSubnetLocalField.Read(body.Bytes) != 0; init => AlternateSubnetLocalField.Write(body.Writable, value ? 1UL : 0); }
    public byte AlternateAckTimeout { get => (byte)AlternateAckTimeoutField.Read(body.Bytes); init => AlternateAckTimeoutField.Write(body.Writable, value); }
    /// <summary>All 92 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmReq WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "REQ private data");
        return new(changed);
    }

    private CmReq(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmReq message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
