namespace Weft.Fabric.Connections;

/// <summary>Finds the path from a port to a GID of its subnet: by asking the SA, or from a table where there is none.</summary>
public interface IPathResolver
{
    /// <summary>Starts to look for a path; the waiter is called on the executor, possibly at once.</summary>
    /// <param name="portNumber">The local port.</param>
    /// <param name="source">One of its GIDs.</param>
    /// <param name="service">What is to be reached along the path; some subnets give services levels of their own.</param>
    void Resolve(byte portNumber, Gid source, Gid destination, ulong service, IPathWaiter waiter);
}

/// <summary>Waits for <see cref="IPathResolver.Resolve"/>.</summary>
public interface IPathWaiter
{
    /// <param name="path">None: there is no path, or nobody answered.</param>
    void OnPath(Gid destination, in ConnectionPath? path);
}
