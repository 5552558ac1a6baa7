namespace Weft.Fabric.Connections;

/// <summary>An address and a port of the RDMA CM. Address none (all zero) is the wildcard. On InfiniBand the address is a port's GID.</summary>
public readonly record struct IpEndpoint(Gid Address, ushort Port)
{
    public override string ToString() => Address.IsIPv4 ? $"{Address}:{Port}" : Address.IsNone ? $"*:{Port}" : $"[{Address}]:{Port}";
}
