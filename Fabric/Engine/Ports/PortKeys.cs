namespace Weft.Fabric.Engine.Ports;

/// <summary>Looks into the P_Key table of a port.</summary>
internal static class PortKeys
{
    /// <summary>Index of a partition: with the given membership if the port has both, or -1. IBA Vol 1 §10.9.3.</summary>
    public static int IndexOf(IPacketPort port, PKey pkey)
    {
        var other = -1;
        for (var i = 0; i < port.PKeyTableLength; i++)
        {
            if (port.PKeyAt(i) == pkey) return i;
            if (other < 0 && pkey.Partition != 0 && port.PKeyAt(i).Partition == pkey.Partition) other = i;
        }
        return other;
    }
}
