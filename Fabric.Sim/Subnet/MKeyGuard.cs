using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Checks the M_Key of a request, and lets protection end when its lease runs out. IBA Vol 1 §14.2.4.</summary>
internal static class MKeyGuard
{
    /// <summary>Whether the request may be served.</summary>
    /// <param name="hidesKey">It may, but the answer must not show the key.</param>
    public static bool Admits(SubnetPort port, SmpMad mad, Lid source, Instant now, out bool hidesKey)
    {
        hidesKey = false;
        ref var info = ref port.Info;
        if (info.MKey == 0) return true;
        if (port.MKeyLeaseEnd is { } end && now >= end)
        {
            port.MKeyLeaseEnd = null;
            info.MKeyProtection = 0;
        }
        if (mad.MKey == info.MKey)
        {
            port.MKeyLeaseEnd = null;
            return true;
        }
        if (mad.Method == MadMethod.Get && info.MKeyProtection < 2)
        {
            hidesKey = info.MKeyProtection == 1;
            return true;
        }
        if (info.MKeyViolations < ushort.MaxValue) info.MKeyViolations++;
        if (info.MKeyLeasePeriod != 0) port.MKeyLeaseEnd ??= now + Duration.FromSeconds(info.MKeyLeasePeriod);
        if ((info.Capabilities & PortCapabilities.Trap) != 0) port.Node.Subnet.Observer?.OnNotice(port, Notices.BadMKey(port, mad, source));
        return false;
    }
}
