using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>Which parts of a response are valid. SRP r16a §6.9, byte 18.</summary>
[Flags]
public enum SrpResponseFlags : byte
{
    None = 0,
    ResponseValid = 0x01,
    SenseValid = 0x02,
    DataOutOverflow = 0x04,
    DataOutUnderflow = 0x08,
    DataInOverflow = 0x10,
    DataInUnderflow = 0x20,
}

/// <summary>Response codes of a response's data, its fourth byte. SRP r16a §6.9, table 24.</summary>
public enum SrpResponseCode : byte
{
    NoFailure = 0,
    RequestFieldsInvalid = 2,
    TaskManagementNotSupported = 4,
    TaskManagementFailed = 5,
}

/// <summary>
/// The fixed part of SRP_RSP: 36 bytes, then <see cref="ResponseLength"/> bytes of response data, then <see cref="SenseLength"/> of sense.
/// It answers commands and task management alike. SRP r16a §6.9.
/// </summary>
public readonly record struct SrpResponse(
    byte SolicitedNotification, int RequestLimitDelta, ulong Tag, SrpResponseFlags Flags, byte Status, uint DataOutResidual, uint DataInResidual,
    uint SenseLength, uint ResponseLength)
{
    public const int Length = 36;

    // 0 opcode | 1 sol_not | 4 limit delta:32 | 8 tag:64 | 18 flags | 19 status | 20 out residual:32 | 24 in residual:32 | 28 sense:32 | 32 response:32
    public static bool TryRead(ReadOnlySpan<byte> source, out SrpResponse response)
    {
        response = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.Response) return false;
        var sense = BinaryPrimitives.ReadUInt32BigEndian(source[28..]);
        var data = BinaryPrimitives.ReadUInt32BigEndian(source[32..]);
        if ((ulong)sense + data > (ulong)(source.Length - Length)) return false;
        response = new(source[1], BinaryPrimitives.ReadInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt64BigEndian(source[8..]), (SrpResponseFlags)source[18],
            source[19], BinaryPrimitives.ReadUInt32BigEndian(source[20..]), BinaryPrimitives.ReadUInt32BigEndian(source[24..]), sense, data);
        return true;
    }

    public ReadOnlySpan<byte> ResponseData(ReadOnlySpan<byte> unit) => unit.Slice(Length, (int)ResponseLength);
    public ReadOnlySpan<byte> Sense(ReadOnlySpan<byte> unit) => unit.Slice(Length + (int)ResponseLength, (int)SenseLength);

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.Response;
        target[1] = SolicitedNotification;
        BinaryPrimitives.WriteInt32BigEndian(target[4..], RequestLimitDelta);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        target[18] = (byte)Flags;
        target[19] = Status;
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], DataOutResidual);
        BinaryPrimitives.WriteUInt32BigEndian(target[24..], DataInResidual);
        BinaryPrimitives.WriteUInt32BigEndian(target[28..], SenseLength);
        BinaryPrimitives.WriteUInt32BigEndian(target[32..], ResponseLength);
    }
}
