using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>What the preload library reads of the device that it shows.</summary>
internal static class UmadAnswers
{
    private const ulong FirmwareVersion = 0x0001_0000_0000;

    // 0 VendorID:32 | 4 PartID:32 | 8 HwVersion:32 | 12 pad:32 | 16 FwVersion:64
    public static void Vendor(SubnetNode node, Span<byte> data)
    {
        data.Clear();
        WriteUInt32LittleEndian(data, node.Info.VendorId);
        WriteUInt32LittleEndian(data[4..], node.Info.DeviceId);
        WriteUInt32LittleEndian(data[8..], node.Info.Revision);
        WriteUInt64LittleEndian(data[16..], FirmwareVersion);
    }

    public static void NodeInfo(SubnetPort port, Span<byte> data)
    {
        var info = port.Node.Info;
        (info.LocalPortNum, info.PortGuid) = (port.Number, port.Guid);
        info.Write(data);
    }

    /// <summary>The first byte of the data is the port that is asked for, 0 the one that the client is attached to.</summary>
    public static bool TryPortInfo(SubnetPort attached, Span<byte> data)
    {
        var port = data[0] == 0 ? attached : attached.Node.Find(data[0]);
        if (port is null) return false;
        var info = port.Info;
        info.LocalPortNum = attached.Number;
        info.Write(data);
        return true;
    }
}
