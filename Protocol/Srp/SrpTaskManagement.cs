using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>Task management functions. SRP r16a §6.6, table 20.</summary>
public enum SrpTaskFunction : byte
{
    AbortTask = 0x01,
    AbortTaskSet = 0x02,
    ClearTaskSet = 0x04,
    LunReset = 0x08,
    ClearAca = 0x40,
}

/// <summary>SRP_TSK_MGMT, 48 bytes. SRP r16a §6.6.</summary>
/// <param name="ManagedTag">Tag of the task that the function is about; abort task only.</param>
public readonly record struct SrpTaskManagement(byte SolicitedNotification, ulong Tag, ulong Lun, SrpTaskFunction Function, ulong ManagedTag)
{
    public const int Length = 48;

    // 0 opcode | 1 sol_not | 8 tag:64 | 20 LUN:64 | 30 function | 32 managed tag:64
    public static bool TryRead(ReadOnlySpan<byte> source, out SrpTaskManagement request)
    {
        request = default;
        if (source.Length < Length || source[0] != (byte)SrpOpcode.TaskManagement) return false;
        request = new(source[1], BinaryPrimitives.ReadUInt64BigEndian(source[8..]), BinaryPrimitives.ReadUInt64BigEndian(source[20..]),
            (SrpTaskFunction)source[30], BinaryPrimitives.ReadUInt64BigEndian(source[32..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)SrpOpcode.TaskManagement;
        target[1] = SolicitedNotification;
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
        BinaryPrimitives.WriteUInt64BigEndian(target[20..], Lun);
        target[30] = (byte)Function;
        BinaryPrimitives.WriteUInt64BigEndian(target[32..], ManagedTag);
    }
}
