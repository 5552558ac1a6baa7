using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management;

/// <summary>Traps: repressed at once, acted on, and reported to who has subscribed. IBA Vol 1 §14.4.7, §13.4.8.</summary>
public sealed partial class SubnetManager
{
    private const int StormLimit = 10;
    private static readonly Duration StormWindow = Duration.FromSeconds(5);
    private readonly Dictionary<uint, (Instant Since, int Count)> recentTraps = [];

    /// <summary>Traps that arrived.</summary>
    public long Traps { get; private set; }
    /// <summary>Traps that came too often to be acted on.</summary>
    public long IgnoredTraps { get; private set; }

    private void OnTrap(Lid source, SmpMad mad, Span<byte> bytes)
    {
        if (!Notice.TryRead(mad.Data, out var notice) || State is not (SmState.Master or SmState.Discovering)) return;
        Traps++;
        mad.Method = MadMethod.TrapRepress;
        port.Send(source, Qpn.Smi, bytes);
        if (IsStorm(notice))
        {
            IgnoredTraps++;
            return;
        }
        if (notice is { IsGeneric: true, TrapNumber: Notices.PortStateChangeTrap or Notices.CapabilityChangeTrap }) RequestSweep();
        Administration.Report(notice);
    }

    // One port that cries all the time must not keep the whole subnet sweeping: the same trap counts ten times in five seconds.
    private bool IsStorm(in Notice notice)
    {
        var key = (uint)notice.IssuerLid.Value << 16 | notice.TrapNumber;
        var now = executor.Now;
        if (recentTraps.Count > 4096) recentTraps.Clear();
        if (!recentTraps.TryGetValue(key, out var recent) || now - recent.Since > StormWindow) recent = (now, 0);
        recentTraps[key] = recent with { Count = recent.Count + 1 };
        return recent.Count >= StormLimit;
    }
}
