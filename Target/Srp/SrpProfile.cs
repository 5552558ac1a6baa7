using Weft.Protocol.Mad.DeviceManagement;

namespace Weft.Target.Srp;

/// <summary>An SRP target as device management shows it: an I/O controller with one service, its numbers those of ib_srpt.</summary>
public static class SrpProfile
{
    /// <summary>Send to and from the controller, RDMA read from it, RDMA write from it.</summary>
    private const byte Operations = 0x01 | 0x02 | 0x08 | 0x20;
    private const byte ReadDepth = 4;
    private const int VendorShift = 40;

    /// <param name="text">The controller's ID string, at most 63 characters.</param>
    public static IoController Of(SrpPort port, string text = "Weft SRP target")
    {
        var options = port.Target.Options;
        var guid = port.ServiceGuid;
        var vendor = (uint)(port.Device.Attributes.NodeGuid.Value >> VendorShift);
        var profile = new IoControllerProfile(
            guid, vendor, DeviceId: 0, DeviceVersion: 0, vendor, SubsystemId: 0, IoControllerProfile.SrpClass, IoControllerProfile.SrpSubclass, IoControllerProfile.SrpProtocol,
            ProtocolVersion: 1, (ushort)(options.UseSrq ? options.SrqSize : options.QueueDepth), ReadDepth, (uint)options.MaxRequestSize, (uint)options.MaxRdmaSize, Operations,
            Services: 0, EntryCount: 1, text);
        return new(profile, [new($"{ServiceEntry.SrpPrefix}{guid.Value:x16}", guid.Value)]);
    }
}
