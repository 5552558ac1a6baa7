using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>From what subnet management has set at a port to how its virtual lanes send. IBA Vol 1 §14.2.5.6 and §14.2.5.9.</summary>
internal static class LaneSettings
{
    private const int EntriesPerPart = 32;
    /// <summary>HOQLife codes from here on: no limit.</summary>
    private const int NoLife = 20;

    /// <summary>Data lanes of an OperationalVLs code: 1, 2, 4, 8 or 15. 0 is what no manager sets: one.</summary>
    public static int Count(byte operationalVls) => operationalVls switch { 2 => 2, 3 => 4, 4 => 8, >= 5 => 15, _ => 1 };

    public static void Apply(VirtualLanes sender, SubnetPort port)
    {
        var code = port.Info.HoqLife;
        // A host waits as long as its credits take; 0 is what no manager sets.
        sender.HeadLife = !port.Node.IsSwitch || code is 0 or >= NoLife ? Duration.Infinite : CodedTime.ToDuration(code);
        sender.Arbitrate(new(Read(port, 3), Read(port, 1), port.Info.VlHighLimit));
    }

    private static LaneArbiter.Entry[] Read(SubnetPort port, int firstPart)
    {
        var entries = new List<LaneArbiter.Entry>();
        for (var part = firstPart; part < firstPart + 2; part++)
        {
            var table = port.Arbitration(part);
            for (var i = 0; i < EntriesPerPart; i++)
                if (table[2 * i + 1] > 0) entries.Add(new((byte)(table[2 * i] & 15), table[2 * i + 1]));
        }
        entries.RemoveAll(e => e.Lane == VirtualLanes.Management);
        return [.. entries];
    }
}
