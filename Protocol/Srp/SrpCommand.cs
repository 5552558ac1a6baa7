using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>The fixed part of SRP_CMD: 48 bytes, then the additional CDB and the data-out and data-in buffers. SRP r16a §6.7.</summary>
/// <param name="AttributeByte">Byte 29: task attribute in bits 2..0 (0 simple, 1 head of queue, 2 ordered, 4 ACA).</param>
/// <param name="CdbLow">CDB bytes 0..7 as a big-endian number.</param>
/// <param name="CdbHigh">CDB bytes 8..15.</param>
public readonly record struct SrpCommand(
    byte SolicitedNotification, SrpDataFormat OutFormat, SrpDataFormat InFormat, byte OutCount, byte InCount, ulong Tag, ulong Lun, byte AttributeByte,
    byte AdditionalCdbByte, ulong CdbLow, ulong CdbHigh)
{
    public const int Length = 48;

    // 0 opcode | 1 sol_not | 5 formats out:4 in:4 | 6 out count | 7 in count | 8 tag:64 | 20 LUN:64 | 29 attribute | 31 additional CDB:6 | 32 CDB:128
    /// <summary>Bytes of additional CDB behind the fixed part: a multiple of 4.</summary>
    public int AdditionalCdbLength => AdditionalCdbByte & ~3;

    public static bool TryRead(ReadOnlySpan<byte> source, out SrpCommand command)
    {
        command = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.Command) return false;
        command = new(source[1], (SrpDataFormat)(source[5] >> 4), (SrpDataFormat)(source[5] & 15), source[6], source[7],
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]), BinaryPrimitives.ReadUInt64BigEndian(source[20..]), source[29], source[31],
            BinaryPrimitives.ReadUInt64BigEndian(source[32..]), BinaryPrimitives.ReadUInt64BigEndian(source[40..]));
        return true;
    }

    /// <summary>Reads both data buffers of an information unit whose fixed part is this command.</summary>
    public bool TryReadBuffers(ReadOnlySpan<byte> unit, out SrpDataBuffer dataOut, out SrpDataBuffer dataIn)
    {
        dataOut = dataIn = default;
        var start = Length + AdditionalCdbLength;
        if (unit.Length < start || InFormat == SrpDataFormat.Immediate) return false;
        return SrpDataBuffer.TryRead(OutFormat, OutCount, unit[start..], out dataOut)
            && SrpDataBuffer.TryRead(InFormat, InCount, unit[(start + dataOut.EncodedLength)..], out dataIn);
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.Command;
        target[1] = SolicitedNotification;
        target[5] = (byte)((byte)OutFormat << 4 | (byte)InFormat);
        target[6] = OutCount;
        target[7] = InCount;
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        BinaryPrimitives.WriteUInt64BigEndian(target[20..], Lun);
        target[29] = AttributeByte;
        target[31] = AdditionalCdbByte;
        BinaryPrimitives.WriteUInt64BigEndian(target[32..], CdbLow);
        BinaryPrimitives.WriteUInt64BigEndian(target[40..], CdbHigh);
    }
}
