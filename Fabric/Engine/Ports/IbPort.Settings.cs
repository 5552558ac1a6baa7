using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Ports;

// What subnet management has set, kept at hand for the packet path.
public sealed partial class IbPort
{
    private readonly byte[] lanes = new byte[16];
    private IbPortSettings settings = null!;
    private Gid[] gids = [];
    private PKey[] pkeys = [];
    private int lidMask;

    public IbPortSettings Settings => settings;
    public PathMtu ActiveMtu { get; private set; }
    public PathMtu MaxMtu => LinkMtu;
    public int GidTableLength => gids.Length;
    public int PKeyTableLength => pkeys.Length;
    public Lid Lid => settings.Lid;
    public Lid SmLid => settings.SmLid;

    /// <summary>None behind the end of the table.</summary>
    public Gid GidAt(int index) => (uint)index < (uint)gids.Length ? gids[index] : Gid.None;

    /// <summary>0 for an empty place, and behind the end of the table.</summary>
    public PKey PKeyAt(int index) => (uint)index < (uint)pkeys.Length ? pkeys[index] : default;

    public int IndexOf(Gid gid) => Array.IndexOf(gids, gid);

    byte IPacketPort.PathBitsOf(Lid own) => IsOwn(own) ? (byte)(own.Value - settings.Lid.Value) : (byte)0;

    /// <summary>Whether a LID is one of the 2^LMC of this port.</summary>
    public bool IsOwn(Lid lid) => settings.Lid.Value != 0 && (uint)(lid.Value - settings.Lid.Value) <= (uint)lidMask;

    private PathMtu LinkMtu => PathMtuExtensions.FromInfiniBand(link.Mtu);

    /// <summary>
    /// Subnet management has set something. What changed is told to the device's users: port state, LID, P_Keys, GIDs, manager.
    /// IBA Vol 1 §11.6.3.3.
    /// </summary>
    /// <param name="reregister">The manager asks clients to register again (PortInfo:ClientReregister).</param>
    public void Configure(IbPortSettings changed, bool reregister = false)
    {
        var (before, wasActive, oldGids, oldKeys) = (settings, IsActive, gids, pkeys);
        Take(changed);
        if (wasActive != IsActive) sink?.OnPortState(this, IsActive);
        if (before.Lid != settings.Lid || before.Lmc != settings.Lmc) Raise(AsyncEventType.LidChange);
        if (!oldKeys.AsSpan().SequenceEqual(pkeys)) Raise(AsyncEventType.PKeyChange);
        if (!oldGids.AsSpan().SequenceEqual(gids)) Raise(AsyncEventType.GidChange);
        if (before.SmLid != settings.SmLid || before.SmServiceLevel != settings.SmServiceLevel) Raise(AsyncEventType.SubnetManagerChange);
        if (reregister) Raise(AsyncEventType.ClientReregister);
    }

    private void Raise(AsyncEventType type) => sink?.OnPortEvent(this, type);

    private void Take(IbPortSettings given)
    {
        if (given.Lmc > 7) throw new ArgumentException($"LMC {given.Lmc}, 0 to 7 allowed", nameof(given));
        if (given.Lid.Value > 0xBFFF) throw new ArgumentException($"LID {given.Lid} is no unicast LID", nameof(given));
        if (given.Lanes.Count != lanes.Length) throw new ArgumentException($"{given.Lanes.Count} lanes for {lanes.Length} service levels", nameof(given));
        settings = given;
        lidMask = (1 << given.Lmc) - 1;
        ActiveMtu = given.Mtu < LinkMtu ? given.Mtu : LinkMtu;
        for (var i = 0; i < lanes.Length; i++) lanes[i] = given.Lanes[i];
        if (!pkeys.AsSpan().SequenceEqual([.. given.PKeys])) pkeys = [.. given.PKeys];
        var guids = given.Guids.Count > 0 ? given.Guids : [PortGuid];
        if (gids.Length != guids.Count) gids = new Gid[guids.Count];
        else gids = [.. gids];
        for (var i = 0; i < gids.Length; i++) gids[i] = guids[i].Value == 0 ? Gid.None : new(given.GidPrefix, guids[i].Value);
    }
}
