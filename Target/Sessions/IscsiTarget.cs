using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Sessions;

/// <summary>
/// A target by name: what it offers and to whom. Not tied to a transport: the initiator picks one by the way it connects.
/// </summary>
public sealed class IscsiTarget
{
    private readonly List<string> allowedPortals = [];
    private readonly List<string> initiators = [];
    private readonly List<ChapCredentials> accounts = [];

    internal IscsiTarget(string name, TargetDevice device) => (Name, Device) = (name, device);

    public string Name { get; }
    /// <summary>The logical units behind the name, and who sees which.</summary>
    public TargetDevice Device { get; }
    public string? Alias { get; set; }
    public ushort PortalGroupTag { get; set; } = 1;
    /// <summary>Logins are refused (service unavailable) until set.</summary>
    public bool Enabled { get; set; } = true;
    /// <summary>Commands of one session that are in the target at once, 1..2048.</summary>
    public int QueuedCommands { get; set; } = 32;
    /// <summary>0: no limit.</summary>
    public int MaxSessions { get; set; }
    /// <summary>What the target wants of each text key. Default: all data by RDMA.</summary>
    public KeyPolicy Policy { get; set; } = KeyPolicy.RdmaOnlyTarget();
    /// <summary>Sends normal logins elsewhere, before they authenticate: <c>host[:port]</c>.</summary>
    public string? Redirect { get; set; }
    public bool RedirectIsPermanent { get; set; }
    /// <summary>What the target proves to an initiator that asks back.</summary>
    public ChapCredentials? OwnAccount { get; set; }
    public IReadOnlyList<ChapAlgorithm> ChapAlgorithms { get; set; } = [ChapAlgorithm.Sha3_256, ChapAlgorithm.Sha256, ChapAlgorithm.Sha1, ChapAlgorithm.Md5];

    /// <summary>An account that lets an initiator in. With none, nobody has to authenticate.</summary>
    public IReadOnlyList<ChapCredentials> Accounts => accounts;
    public void AddAccount(ChapCredentials account) => accounts.Add(account);

    /// <summary>Portal addresses on which the target shows: <c>*</c> and <c>?</c> match, a leading <c>!</c> excludes. None: all.</summary>
    public IReadOnlyList<string> AllowedPortals => allowedPortals;
    public void AllowPortal(string pattern) => allowedPortals.Add(pattern);

    /// <summary>Initiator names that may log in, as patterns. None: all; which units they see is the LUN map's business.</summary>
    public IReadOnlyList<string> Initiators => initiators;
    public void AllowInitiator(string pattern) => initiators.Add(pattern);

    public bool IsVisibleOn(string portalAddress) => Fits(allowedPortals, portalAddress);
    public bool Admits(string initiator) => Fits(initiators, initiator);

    private static bool Fits(List<string> patterns, string name)
    {
        var (any, fits) = (false, false);
        foreach (var pattern in patterns)
        {
            if (pattern.StartsWith('!'))
            {
                if (NamePattern.Fits(pattern.AsSpan(1), name)) return false;
                continue;
            }
            any = true;
            fits |= NamePattern.Fits(pattern, name);
        }
        return fits || !any;
    }
}
