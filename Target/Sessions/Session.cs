using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Target.Commands;

namespace Weft.Target.Sessions;

/// <summary>A session: one initiator port at one target, or a discovery session. It has one connection (MaxConnections=1).</summary>
public sealed class Session
{
    internal Session(ushort tsih, LoginIdentity identity, IscsiTarget? target, TargetConnection connection, SessionParameters parameters, CmdSn first, int depth)
    {
        (Tsih, Identity, Target, Connection, Parameters) = (tsih, identity, target, connection, parameters);
        Window = new(first, depth);
    }

    /// <summary>Target session identifying handle, never 0.</summary>
    public ushort Tsih { get; }
    public LoginIdentity Identity { get; }
    /// <summary>Null in a discovery session.</summary>
    public IscsiTarget? Target { get; }
    public bool IsDiscovery => Target is null;
    public TargetConnection Connection { get; }
    public SessionParameters Parameters { get; }
    public CommandWindow Window { get; }
    /// <summary>The I_T nexus in the command core; null in a discovery session.</summary>
    public Nexus? Nexus { get; internal set; }
    /// <summary>No command of it is left in the target.</summary>
    public bool IsOver { get; internal set; }
    /// <summary>The session that this one takes the place of, until nothing is left of it.</summary>
    public Session? Predecessor { get; internal set; }

    public override string ToString() => $"session {Tsih} {Identity.InitiatorName} -> {Target?.Name ?? "discovery"}";
}
