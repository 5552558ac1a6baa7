using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Memory;

/// <summary>Which rights may stand together.</summary>
internal static class AccessRules
{
    private const AccessFlags NeedsLocalWrite = AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic;

    /// <summary>Remote write and atomic access require local write. IBA Vol 1 §10.6.3.1.</summary>
    public static bool IsConsistent(AccessFlags access) => (access & NeedsLocalWrite) == 0 || (access & AccessFlags.LocalWrite) != 0;
}
