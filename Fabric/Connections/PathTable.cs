namespace Weft.Fabric.Connections;

/// <summary>Paths that are known beforehand: for a subnet without an SA, such as two ports on one cable.</summary>
public sealed class PathTable : IPathResolver
{
    private readonly Dictionary<Gid, ConnectionPath> paths = [];

    /// <summary>How a port is reached. From a port that the table holds too, packets leave with that one's LID.</summary>
    public void Add(Gid gid, Lid lid, PKey? pkey = null, byte serviceLevel = 0, PathMtu mtu = PathMtu.Mtu4096) =>
        paths[gid] = new(Gid.None, gid, Lid.None, lid, pkey ?? PKey.Default, serviceLevel, mtu);

    void IPathResolver.Resolve(byte portNumber, Gid source, Gid destination, ulong service, IPathWaiter waiter)
    {
        ConnectionPath? found = paths.TryGetValue(destination, out var path)
            ? path with { Source = source, SourceLid = paths.TryGetValue(source, out var own) ? own.DestinationLid : Lid.None, Mtu = own.Mtu != PathMtu.None && own.Mtu < path.Mtu ? own.Mtu : path.Mtu }
            : null;
        waiter.OnPath(destination, found);
    }
}
