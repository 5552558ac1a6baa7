using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>What a login does with other channels of the same nexus. SRP r16a §6.2, MULTI-CHANNEL ACTION.</summary>
public enum SrpMultiChannelAction : byte
{
    /// <summary>Ends them.</summary>
    Single = 0,
    /// <summary>Keeps them.</summary>
    Multiple = 1,
}

/// <summary>
/// SRP_LOGIN_REQ: 64 bytes in the private data of an IB CM REQ; over the RDMA CM a compressed 56-byte form without the reserved fields.
/// SRP r16a §6.2; the compressed form is Linux's (struct srp_login_req_rdma).
/// </summary>
public readonly record struct SrpLoginRequest(
    ulong Tag, uint MaxInitiatorToTargetLength, SrpBufferFormats Formats, byte Flags, SrpPortId InitiatorPort, SrpPortId TargetPort, ushort ImmediateDataOffset = 0)
{
    public const int Length = 64;
    public const int RdmaCmLength = 56;
    public const byte ImmediateDataFlag = 0x80;
    /// <summary>CRSOLNT: SRP_CRED_REQ is to come with a solicited event.</summary>
    public const byte CreditSolicitedFlag = 0x20;

    // 0 opcode | 8 tag:64 | 16 I->T length:32 | 24 formats:16 | 26 flags | 28 immediate offset:16 | 32 initiator port:128 | 48 target port:128
    public SrpMultiChannelAction MultiChannelAction => (SrpMultiChannelAction)(Flags & 3);
    public bool WantsImmediateData => (Flags & ImmediateDataFlag) != 0;

    public static bool TryRead(ReadOnlySpan<byte> source, out SrpLoginRequest request)
    {
        request = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.LoginRequest) return false;
        request = new(BinaryPrimitives.ReadUInt64BigEndian(source[8..]), BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            (SrpBufferFormats)BinaryPrimitives.ReadUInt16BigEndian(source[24..]), source[26], SrpPortId.Read(source[32..]), SrpPortId.Read(source[48..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[28..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.LoginRequest;
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], MaxInitiatorToTargetLength);
        BinaryPrimitives.WriteUInt16BigEndian(target[24..], (ushort)Formats);
        target[26] = Flags;
        BinaryPrimitives.WriteUInt16BigEndian(target[28..], ImmediateDataOffset);
        InitiatorPort.Write(target[32..]);
        TargetPort.Write(target[48..]);
    }

    // RDMA CM: 0 tag:64 | 8 formats:16 | 10 flags | 11 opcode | 12 I->T length:32 | 16 initiator port | 32 target port | 48 immediate offset:16
    public static bool TryReadRdmaCm(ReadOnlySpan<byte> source, out SrpLoginRequest request)
    {
        request = default;
        if (source.Length < RdmaCmLength || source[11] != (byte)SrpOpcode.LoginRequest) return false;
        request = new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
            (SrpBufferFormats)BinaryPrimitives.ReadUInt16BigEndian(source[8..]), source[10], SrpPortId.Read(source[16..]), SrpPortId.Read(source[32..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[48..]));
        return true;
    }

    public void WriteRdmaCm(Span<byte> target)
    {
        target[..RdmaCmLength].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(target, Tag);
        BinaryPrimitives.WriteUInt16BigEndian(target[8..], (ushort)Formats);
        target[10] = Flags;
        target[11] = (byte)SrpOpcode.LoginRequest;
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], MaxInitiatorToTargetLength);
        InitiatorPort.Write(target[16..]);
        TargetPort.Write(target[32..]);
        BinaryPrimitives.WriteUInt16BigEndian(target[48..], ImmediateDataOffset);
    }
}
