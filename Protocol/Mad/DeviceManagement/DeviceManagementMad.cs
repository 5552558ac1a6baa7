namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>Device management in a MAD: class 0x06, version 1, the attribute at byte 64. IBA Vol 1 §16.3.</summary>
public static class DeviceManagementMad
{
    /// <summary>Where the attribute starts in the MAD.</summary>
    public const int DataOffset = 64;
    public const int DataLength = MadHeader.MadLength - DataOffset;
    public const byte ClassVersion = 1;
    /// <summary>There is no controller in that slot, or no such service entry.</summary>
    public const ushort NoController = 0x0100;
    /// <summary>Service entries that one MAD carries.</summary>
    public const int EntriesPerMad = 4;

    /// <summary>The modifier that asks for service entries of a controller.</summary>
    /// <param name="slot">1-based.</param>
    public static uint EntriesModifier(int slot, int first, int last) => (uint)(slot << 16 | last << 8 | first);

    /// <summary>Writes a request.</summary>
    public static void WriteGet(Span<byte> mad, DeviceManagementAttribute attribute, uint modifier, ulong transactionId)
    {
        mad[..MadHeader.MadLength].Clear();
        new MadHeader(MadClass.DeviceManagement, ClassVersion, MadMethod.Get, (ushort)attribute, transactionId, modifier).Write(mad);
    }
}
