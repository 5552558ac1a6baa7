namespace Weft.Protocol.Nbd;

/// <summary>Error of a reply; the numbers are Linux's. NBD protocol, "Error values".</summary>
public enum NbdError : uint
{
    None = 0,
    /// <summary>Operation not permitted: a write to what is read-only.</summary>
    Eperm = 1,
    /// <summary>Input/output error.</summary>
    Eio = 5,
    /// <summary>Cannot allocate memory.</summary>
    Enomem = 12,
    /// <summary>Invalid argument.</summary>
    Einval = 22,
    /// <summary>No space left: also a write beyond the end.</summary>
    Enospc = 28,
    /// <summary>Value too large.</summary>
    Eoverflow = 75,
    /// <summary>Operation not supported.</summary>
    Enotsup = 95,
    /// <summary>Server is in the process of being shut down.</summary>
    Eshutdown = 108,
}
