using System.Diagnostics.CodeAnalysis;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>Load alternate path. IBA Vol 1 §12.8.1.</summary>
// 0 LocalCommID | 4 RemoteCommID | 8 resv:32 | 12 RemoteQPN:24 RemoteTimeout:5 resv:3 | 16 resv:32 | 20 LocalLID 22 RemoteLID 24 LocalGID 40 RemoteGID
// 56 FlowLabel:20 resv:4 TClass:8 | 60 Hop | 61 resv:2 Rate:6 | 62 SL:4 SubnetLocal:1 resv:3 | 63 AckTimeout:5 resv:3 | 64 private data
public readonly record struct CmLap : ICmMessage<CmLap>
{
    private static readonly MadField LocalCommIdField = new(nameof(LocalCommId), 0, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteCommIdField = new(nameof(RemoteCommId), 4, 32, MadFieldFormat.Hex);
    private static readonly MadField RemoteQpnField = new(nameof(RemoteQpn), 12, 24, MadFieldFormat.Hex);
    private static readonly MadField RemoteResponseTimeoutField = new(nameof(RemoteResponseTimeout), 15, 7, 5, MadFieldFormat.Time);
    private static readonly MadField AlternateLocalLidField = new(nameof(AlternateLocalLid), 20, 16, MadFieldFormat.Hex);
    private static readonly MadField AlternateRemoteLidField = new(nameof(AlternateRemoteLid), 22, 16, MadFieldFormat.Hex);
    private static readonly MadField AlternateLocalGidField = new(nameof(AlternateLocalGid), 24, 128, MadFieldFormat.Gid);
    private static readonly MadField AlternateRemoteGidField = new(nameof(AlternateRemoteGid), 40, 128, MadFieldFormat.Gid);
    private static readonly MadField AlternateFlowLabelField = new(nameof(AlternateFlowLabel), 56, 20, MadFieldFormat.Hex);
    private static readonly MadField AlternateTrafficClassField = new(nameof(AlternateTrafficClass), 59, 8);
    private static readonly MadField AlternateHopLimitField = new(nameof(AlternateHopLimit), 60, 8);
    private static readonly MadField AlternatePacketRateField = new(nameof(AlternatePacketRate), 61, 5, 6);
    private static readonly MadField AlternateServiceLevelField = new(nameof(AlternateServiceLevel), 62, 7, 4);
    private static readonly MadField AlternateSubnetLocalField = new(nameof(AlternateSubnetLocal), 62, 3, 1, MadFieldFormat.Flag);
    private static readonly MadField AlternateAckTimeoutField = new(nameof(AlternateAckTimeout), 63, 7, 5, MadFieldFormat.Time);
    private static readonly MadField PrivateDataField = new(nameof(PrivateData), 64, 1344, MadFieldFormat.Bytes);

    public static MadFieldTable Table { get; } = new("LAP", CmBody.Length,
        LocalCommIdField, RemoteCommIdField, RemoteQpnField, RemoteResponseTimeoutField, AlternateLocalLidField,
        AlternateRemoteLidField, AlternateLocalGidField, AlternateRemoteGidField, AlternateFlowLabelField,
        AlternateTrafficClassField, AlternateHopLimitField, AlternatePacketRateField, AlternateServiceLevelField,
        AlternateSubnetLocalField, AlternateAckTimeoutField, PrivateDataField);

    public static CmAttribute Attribute => CmAttribute.Lap;
    /// <summary>Bytes of private data; always all of them on the wire.</summary>
    public const int PrivateDataLength = 168;

    private readonly CmBody body;

    public uint LocalCommId { get => (uint)LocalCommIdField.Read(body.Bytes); init => LocalCommIdField.Write(body.Writable, value); }
    public uint RemoteCommId { get => (uint)RemoteCommIdField.Read(body.Bytes); init => RemoteCommIdField.Write(body.Writable, value); }
    public Qpn RemoteQpn { get => new((uint)RemoteQpnField.Read(body.Bytes)); init => RemoteQpnField.Write(body.Writable, value.Value); }
    public byte RemoteResponseTimeout { get => (byte)RemoteResponseTimeoutField.Read(body.Bytes); init => RemoteResponseTimeoutField.Write(body.Writable, value); }
    public Lid AlternateLocalLid { get => new((ushort)AlternateLocalLidField.Read(body.Bytes)); init => AlternateLocalLidField.Write(body.Writable, value.Value); }
    public Lid AlternateRemoteLid { get => new((ushort)AlternateRemoteLidField.Read(body.Bytes)); init => AlternateRemoteLidField.Write(body.Writable, value.Value); }
    public Gid AlternateLocalGid { get => Gid.Read(AlternateLocalGidField.Bytes(body.Bytes)); init => value.Write(AlternateLocalGidField.Bytes(body.Writable)); }
    public Gid AlternateRemoteGid { get => Gid.Read(AlternateRemoteGidField.Bytes(body.Bytes)); init => value.Write(AlternateRemoteGidField.Bytes(body.Writable)); }
    public uint AlternateFlowLabel { get => (uint)AlternateFlowLabelField.Read(body.Bytes); init => AlternateFlowLabelField.Write(body.Writable, value); }
    public byte AlternateTrafficClass { get => (byte)AlternateTrafficClassField.Read(body.Bytes); init => AlternateTrafficClassField.Write(body.Writable, value); }
    public byte AlternateHopLimit { get => (byte)AlternateHopLimitField.Read(body.Bytes); init => AlternateHopLimitField.Write(body.Writable, value); }
    public byte AlternatePacketRate { get => (byte)AlternatePacketRateField.Read(body.Bytes); init => AlternatePacketRateField.Write(body.Writable, value); }
    public byte AlternateServiceLevel { get => (byte)AlternateServiceLevelField.Read(body.Bytes); init => AlternateServiceLevelField.Write(body.Writable, value); }
    public bool AlternateSubnetLocal { get => AlternateSubnetLocalField.Read(body.Bytes) != 0; init => AlternateSubnetLocalField.Write(body.Writable, value ? 1UL : 0); }
    public byte AlternateAckTimeout { get => (byte)AlternateAckTimeoutField.Read(body.Bytes); init => AlternateAckTimeoutField.Write(body.Writable, value); }
    /// <summary>All 168 bytes; what the sender did not use is zero.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PrivateData => PrivateDataField.Bytes(body.Bytes);

    /// <summary>The same message with other private data, zero padded.</summary>
    /// <exception cref="ArgumentException">More than <see cref="PrivateDataLength"/> bytes.</exception>
    public CmLap WithPrivateData(ReadOnlySpan<byte> data)
    {
        var changed = body;
        CmBody.Fill(PrivateDataField.Bytes(changed.Writable), data, "LAP private data");
        return new(changed);
    }

    private CmLap(in CmBody body) => this.body = body;

    public static bool TryRead(ReadOnlySpan<byte> source, out CmLap message)
    {
        var ok = CmBody.TryRead(source, out var body);
        message = new(body);
        return ok;
    }

    public void Write(Span<byte> target) => body.Bytes.CopyTo(target);
    public override string ToString() => Table.Print(body.Bytes);
}
