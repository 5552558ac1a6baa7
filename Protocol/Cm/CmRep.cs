using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Reply to a REQ. IBA Vol 1 §12.6.8.</summary>
// 0 LocalCommID | 4 RemoteCommID | 8 LocalQKey | 12 LocalQPN:24 VendorID-high:8 | 16 LocalEECN:24 VendorID-middle:8 | 20 StartingPSN:24 VendorID-low:8
// 24 ResponderResources | 25 InitiatorDepth | 26 TargetAckDelay:5 Failover:2 FlowControl:1 | 27 RnrRetry:3 SRQ:1 resv:4 | 28 LocalCaGuid:64 | 36 private data
public readonly record struct CmRep : ICmMessage<CmRep>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField LocalQKeyField = new(nameof(LocalQKey), 8, 32, MadFieldFormat.Hex);
    private static readonly MadField LocalQpnField = new(nameof(LocalQpn), 12, 24, MadFieldFormat.Hex);
    private static readonly MadField VendorIdHighField = new(nameof(VendorIdHigh), 15, 8, MadFieldFormat.Hex);
    private static readonly MadField LocalEecnField = new(nameof(LocalEecn), 16, 24, MadFieldFormat.Hex);
    private static readonly MadField VendorIdMiddleField = new(nameof(VendorIdMiddle), 19, 8, MadFieldFormat.Hex);
    private static readonly MadField StartingPsnField = new(nameof(StartingPsn), 20, 24, MadFieldFormat.Hex);
    private static readonly MadField VendorIdLowField = new(nameof(VendorIdLow), 23, 8, MadFieldFormat.Hex);
    private static readonly MadField ResponderResourcesField = new(nameof(ResponderResources), 24, 8);
    private static readonly MadField InitiatorDepthField = new(nameof(InitiatorDepth), 25, 8);
    private static readonly MadField TargetAckDelayField = new(nameof(TargetAckDelay), 26, 7, 5, MadFieldFormat.Time);
    private static readonly MadField FailoverAcceptedField = new(nameof(FailoverAccepted), 26, 2, 2);
    private static readonly MadField EndToEndFlowControlField = new(nameof(EndToEndFlowControl), 26, 0, 1, MadFieldFormat.Flag);
    private static readonly MadField RnrRetryCountField = new(nameof(RnrRetryCount), 27, 7, 3);
    private static readonly MadField SrqField = new(nameof(Srq), 27, 4, 1, MadFieldFormat.Flag);
    private static readonly MadField LocalCaGuidField = new(nameof(LocalCaGuid), 28, 64, MadFieldFormat.Guid);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 36, 1568, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("REP", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, LocalQKeyField, LocalQpnField, VendorIdHighField, LocalEecnField,
        VendorIdMiddleField, StartingPsnField, VendorIdLowField, ResponderResourcesField, InitiatorDepthField,
        TargetAckDelayField, FailoverAcceptedField, EndToEndFlowControlField, RnrRetryCountField, SrqField,
        LocalCaGuidField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Rep;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 196;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    public QKey LocalQKey { get => new((uint)LocalQKeyField.Read(body.Bytes)); init => LocalQKeyField.Write(body.Writable, value.Value); }
    public Qpn LocalQpn { get => new((uint)LocalQpnField.Read(body.Bytes)); init => LocalQpnField.Write(body.Writable, value.Value); }
    public byte VendorIdHigh { get => (byte)VendorIdHighField.Read(body.Bytes); init => VendorIdHighField.Write(body.Writable, value); }
    public uint LocalEecn { get => (uint)LocalEecnField.Read(body.Bytes); init => LocalEecnField.Write(body.Writable, value); }
    public byte VendorIdMiddle { get => (byte)VendorIdMiddleField.Read(body.Bytes); init => VendorIdMiddleField.Write(body.Writable, value); }
    /// <summary>PSN with which the active side starts to send.</summary>
    public Psn StartingPsn { get => new((uint)StartingPsnField.Read(body.Bytes)); init => StartingPsnField.Write(body.Writable, value.Value); }
    public byte VendorIdLow { get => (byte)VendorIdLowField.Read(body.Bytes); init => VendorIdLowField.Write(body.Writable, value); }
    public byte ResponderResources { get => (byte)ResponderResourcesField.Read(body.Bytes); init => ResponderResourcesField.Write(body.Writable, value); }
    public byte InitiatorDepth { get => (byte)InitiatorDepthField.Read(body.Bytes); init => InitiatorDepthField.Write(body.Writable, value); }
    public byte TargetAckDelay { get => (byte)TargetAckDelayField.Read(body.Bytes); init => TargetAckDelayField.Write(body.Writable, value); }
    /// <summary>0 accepted, 1 not supported, 2 rejected.</summary>
    public byte FailoverAccepted { get => (byte)FailoverAcceptedField.Read(body.Bytes); init => FailoverAcceptedField.Write(body.Writable, value); }
    public bool EndToEndFlowControl { get => EndToEndFlowControlField.Read(body.Bytes) != 0; init => EndToEndFlowControlField.Write(body.Writable, value ? 1UL : 0); }
    /// <summary>RNR retries of the active side.</summary>
    public byte RnrRetryCount { get => (byte)RnrRetryCountField.Read(body.Bytes); init => RnrRetryCountField.Write(body.Writable, value); }
    public bool Srq { get => SrqField.Read(body.Bytes) != 0; init => SrqField.Write(body.Writable, value ? 1UL : 0); }
    public Guid64 LocalCaGuid { get => new(LocalCaGuidField.Read(body.Bytes)); init => LocalCaGuidField.Write(body.Writable, value.Value); }
    /// <summary>All 196 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmRep WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "REP private data");
        return new(changed);
    }

    private CmRep(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmRep message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
