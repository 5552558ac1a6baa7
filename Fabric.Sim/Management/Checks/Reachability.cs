using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Checks;

/// <summary>
/// Who reaches whom in a subnet as it stands: by active links and forwarding tables, and by P_Keys at both ends and at the switch ports that
/// enforce them. Looks at the model alone, so it judges any manager.
/// </summary>
public sealed class Reachability
{
    private readonly List<SubnetPort> ports = [];
    private readonly ulong[][] connected, talking;

    private Reachability(IbSubnet subnet)
    {
        foreach (var node in subnet.Nodes)
            foreach (var port in node.Ports)
                if (port is { IsEndPort: true } && (port.Number == 0 || port.IsLinkUp)) ports.Add(port);
        ports.Sort((a, b) => a.Guid.Value.CompareTo(b.Guid.Value));
        (connected, talking) = (NewMatrix(), NewMatrix());
        MeasureWays(subnet);
        MeasureKeys();
    }

    /// <summary>End ports whose link is up, by GUID.</summary>
    public IReadOnlyList<SubnetPort> Ports => ports;

    public static Reachability Measure(IbSubnet subnet) => new(subnet);

    /// <summary>Whether packets to every LID of the one arrive from the other; ports by their place in <see cref="Ports"/>.</summary>
    public bool IsConnected(int from, int to) => (connected[to][from >> 6] >> from & 1) != 0;

    /// <summary>Whether a key of the one passes the other and the switch ports on the way.</summary>
    public bool MayTalk(int from, int to) => (talking[to][from >> 6] >> from & 1) != 0;

    /// <summary>Ordered pairs that may talk and are connected.</summary>
    public long TalkingPairs
    {
        get
        {
            long sum = 0;
            for (var to = 0; to < ports.Count; to++)
                for (var word = 0; word < talking[to].Length; word++) sum += long.PopCount((long)(connected[to][word] & talking[to][word]));
            return sum;
        }
    }

    /// <summary>The first pair that may talk but has no way; null when there is none.</summary>
    public (SubnetPort From, SubnetPort To)? FindCutOff()
    {
        for (var to = 0; to < ports.Count; to++)
            for (var word = 0; word < talking[to].Length; word++)
                if ((talking[to][word] & ~connected[to][word]) is var missing and not 0)
                    return (ports[word * 64 + System.Numerics.BitOperations.TrailingZeroCount(missing)], ports[to]);
        return null;
    }

    /// <summary>Ordered pairs that may talk, connected or not.</summary>
    public long PermittedPairs => talking.Sum(row => row.Sum(word => (long)System.Numerics.BitOperations.PopCount(word)));

    /// <summary>A number for exactly these ports and pairs: two subnets of the same digest give the same reachability.</summary>
    public ulong Digest
    {
        get
        {
            var hash = 0xCBF2_9CE4_8422_2325; // FNV-1a, by words
            for (var to = 0; to < ports.Count; to++)
            {
                hash = (hash ^ ports[to].Guid.Value) * 0x100_0000_01B3;
                for (var word = 0; word < talking[to].Length; word++) hash = (hash ^ (connected[to][word] & talking[to][word])) * 0x100_0000_01B3;
            }
            return hash;
        }
    }

    /// <summary>One line, and the first pair that is cut off where there is one.</summary>
    public override string ToString() =>
        $"{ports.Count} ports; {TalkingPairs} of {PermittedPairs} ordered pairs that share a partition are connected; digest {Digest:x16}"
        + (FindCutOff() is { } pair ? $"\ncut off: {pair.From} from {pair.To}" : "");

    /// <summary>Whether two subnets of the same ports give the same pairs.</summary>
    public bool IsSameAs(Reachability other)
    {
        if (ports.Count != other.ports.Count) return false;
        for (var to = 0; to < ports.Count; to++)
        {
            if (ports[to].Guid != other.ports[to].Guid) return false;
            for (var word = 0; word < talking[to].Length; word++)
                if ((connected[to][word] & talking[to][word]) != (other.connected[to][word] & other.talking[to][word])) return false;
        }
        return true;
    }

    private ulong[][] NewMatrix()
    {
        var rows = new ulong[ports.Count][];
        for (var i = 0; i < rows.Length; i++) rows[i] = new ulong[(ports.Count + 63) / 64];
        return rows;
    }

    private void MeasureWays(IbSubnet subnet)
    {
        var verdicts = new sbyte[subnet.Nodes.Count];
        for (var to = 0; to < ports.Count; to++)
        {
            var destination = ports[to];
            if (destination.Lid == Lid.None) continue;
            var row = connected[to];
            row.AsSpan().Fill(ulong.MaxValue);
            for (var lid = destination.Lid.Value; lid < destination.Lid.Value + (1 << destination.Info.Lmc); lid++)
            {
                Array.Clear(verdicts);
                for (var from = 0; from < ports.Count; from++)
                    if (!Arrives(ports[from], destination, new(lid), verdicts)) row[from >> 6] &= ~(1UL << from);
            }
            if ((ports.Count & 63) != 0) row[^1] &= (1UL << ports.Count) - 1;
        }
    }

    private static bool Arrives(SubnetPort from, SubnetPort to, Lid lid, sbyte[] verdicts)
    {
        if (from == to) return true;
        if (from.Node.IsSwitch) return Follow(from.Node, to, lid, verdicts);
        if (from.State != PortState.Active || from.Peer is not { } peer) return false;
        return peer.Node.IsSwitch ? peer.State == PortState.Active && Follow(peer.Node, to, lid, verdicts) : peer == to;
    }

    // 1 arrives, -1 does not, -2 is on the way that is being followed: coming back to it is a loop.
    private static bool Follow(SubnetNode at, SubnetPort to, Lid lid, sbyte[] verdicts)
    {
        ref var verdict = ref verdicts[at.Index];
        if (verdict != 0) return verdict > 0;
        verdict = -2;
        var exit = at.Find(at.Forwarding!.PortOf(lid));
        var arrives = exit is not null && (exit == to || (exit is { Number: > 0, State: PortState.Active, Peer: { } peer }
            && (peer == to || (peer.Node.IsSwitch && peer.State == PortState.Active && Follow(peer.Node, to, lid, verdicts)))));
        verdict = (sbyte)(arrives ? 1 : -1);
        return arrives;
    }

    // Ports with the same table have the same friends: tables are few, ports are many.
    private void MeasureKeys()
    {
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        var members = new List<List<int>>();
        for (var i = 0; i < ports.Count; i++)
        {
            var text = string.Join(',', Keys(ports[i])) + "|" + string.Join(',', Gate(ports[i]) is { } gate ? Keys(gate) : []) + (Gate(ports[i]) is null);
            if (!classes.TryGetValue(text, out var at))
            {
                classes.Add(text, at = members.Count);
                members.Add([]);
            }
            members[at].Add(i);
        }
        foreach (var targets in members)
            foreach (var sources in members)
                if (Admits(ports[sources[0]], ports[targets[0]]))
                    foreach (var to in targets)
                        foreach (var from in sources) talking[to][from >> 6] |= 1UL << from;
        for (var i = 0; i < ports.Count; i++) talking[i][i >> 6] |= 1UL << i;
    }

    private static IEnumerable<PKey> Keys(SubnetPort port)
    {
        for (var i = 0; i < port.PKeys.Capacity; i++)
            if (port.PKeys[i].Partition != 0) yield return port.PKeys[i];
    }

    /// <summary>The switch port in front of an adapter, when it enforces partitions.</summary>
    private static SubnetPort? Gate(SubnetPort port) =>
        !port.Node.IsSwitch && port.Peer is { Node.IsSwitch: true } peer && (peer.Info.PartitionEnforcementInbound || peer.Info.PartitionEnforcementOutbound) ? peer : null;

    private static bool Admits(SubnetPort from, SubnetPort to)
    {
        foreach (var key in Keys(from))
            if (to.PKeys.Admits(key) && Passes(Gate(from), key) && Passes(Gate(to), key)) return true;
        return false;
    }

    // A gate asks for the partition; who is a limited member is for the two ends to know.
    private static bool Passes(SubnetPort? gate, PKey key) => gate is null || Keys(gate).Any(k => k.Partition == key.Partition);
}
