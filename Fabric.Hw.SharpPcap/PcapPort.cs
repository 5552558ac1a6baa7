using SharpPcap.LibPcap;

namespace Weft.Fabric.Hw.SharpPcap;

/// <summary>A capture device that tells its descriptor.</summary>
internal sealed class PcapPort(PcapInterface chosen) : LibPcapLiveDevice(chosen)
{
    /// <summary>Readable while frames wait (pcap_get_selectable_fd(3PCAP)); -1 where the platform has none.</summary>
    public int Selectable => FileDescriptor;
}
