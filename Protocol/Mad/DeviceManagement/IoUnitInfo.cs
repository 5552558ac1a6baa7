using System.Buffers.Binary;

namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>What is in a slot of an I/O unit.</summary>
public enum IoSlot : byte
{
    Empty = 0,
    Present = 1,
    NoSlot = 15,
}

/// <summary>An I/O unit: how many slots it has for controllers, and what is in them. IBA Vol 1 §16.3.3.3.</summary>
/// <param name="ChangeId">Counts changes of the list, modulo 2^16.</param>
/// <param name="Flags">Bit 7: option ROM; bit 6: diagnostic device id.</param>
public readonly record struct IoUnitInfo(ushort ChangeId, byte MaxControllers, byte Flags, ReadOnlyMemory<byte> Slots)
{
    public const int Length = 4 + SlotBytes;
    /// <summary>Bytes of the list: four bits for each of 256 slots, the high half first.</summary>
    public const int SlotBytes = 128;

    // 0 ChangeID:16 | 2 MaxControllers | 3 flags | 4 controller list
    /// <summary>What is in a slot.</summary>
    /// <param name="slot">1-based.</param>
    public IoSlot this[int slot] => (IoSlot)(Slots.Span[(slot - 1) / 2] >> (slot % 2 == 1 ? 4 : 0) & 15);

    public static bool TryRead(ReadOnlySpan<byte> source, out IoUnitInfo info)
    {
        info = default;
        if (source.Length < Length) return false;
        info = new(BinaryPrimitives.ReadUInt16BigEndian(source), source[2], source[3], source.Slice(4, SlotBytes).ToArray());
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, ChangeId);
        (target[2], target[3]) = (MaxControllers, Flags);
        Slots.Span.CopyTo(target[4..]);
    }

    /// <summary>The list of a unit whose first slots hold controllers.</summary>
    public static ReadOnlyMemory<byte> List(int present, int slots)
    {
        var list = new byte[SlotBytes];
        for (var slot = 1; slot <= 2 * SlotBytes; slot++)
        {
            var what = slot <= present ? IoSlot.Present : slot <= slots ? IoSlot.Empty : IoSlot.NoSlot;
            list[(slot - 1) / 2] |= (byte)((byte)what << (slot % 2 == 1 ? 4 : 0));
        }
        return list;
    }
}
