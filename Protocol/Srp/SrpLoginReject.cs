using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>Why a login was refused. SRP r16a §6.4, table 16.</summary>
public enum SrpLoginRejectReason : uint
{
    UnableToEstablish = 0x00010000,
    InsufficientResources = 0x00010001,
    InformationUnitTooLong = 0x00010002,
    UnableToAssociate = 0x00010003,
    UnsupportedDescriptorFormat = 0x00010004,
    MultipleChannelsUnsupported = 0x00010005,
    ChannelLimitReached = 0x00010006,
}

/// <summary>SRP_LOGIN_REJ: 32 bytes in the private data of a CM REJ with reason 28. SRP r16a §6.4.</summary>
public readonly record struct SrpLoginReject(SrpLoginRejectReason Reason, ulong Tag, SrpBufferFormats Formats)
{
    public const int Length = 32;

    // 0 opcode | 4 reason:32 | 8 tag:64 | 24 formats:16
    public static bool TryRead(ReadOnlySpan<byte> source, out SrpLoginReject reject)
    {
        reject = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.LoginReject) return false;
        reject = new((SrpLoginRejectReason)BinaryPrimitives.ReadUInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            (SrpBufferFormats)BinaryPrimitives.ReadUInt16BigEndian(source[24..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.LoginReject;
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], (uint)Reason);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        BinaryPrimitives.WriteUInt16BigEndian(target[24..], (ushort)Formats);
    }
}
