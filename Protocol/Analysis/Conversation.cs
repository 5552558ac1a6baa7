using Weft.Protocol.Cm;
using Weft.Protocol.Iser;
using Weft.Protocol.Srp;

namespace Weft.Protocol.Analysis;

/// <summary>
/// One connection of two queue pairs, as seen on the wire. Known from its CM exchange, or, where that was not seen, put together from
/// acknowledgements that fit.
/// </summary>
public sealed class Conversation
{
    internal Conversation(int number) => Number = number;

    /// <summary>From 1, in the order of appearance.</summary>
    public int Number { get; }
    /// <summary>Towards the passive side. Not known before the REP.</summary>
    public Channel? Forward { get; internal set; }
    /// <summary>Towards the active side.</summary>
    public Channel? Backward { get; internal set; }
    public Ulp Ulp { get; internal set; }
    /// <summary>Its REQ and REP were seen, so that it is known from the first packet on.</summary>
    public bool IsComplete { get; internal set; }
    public CmPhase Phase { get; internal set; }
    /// <summary>The path MTU in bytes; 0 while unknown.</summary>
    public int Mtu { get; internal set; }
    public PKey? PKey { get; internal set; }
    public bool IsUnreliable { get; internal set; }

    // From the CM exchange; defaults without one.
    public Gid Active { get; internal set; }
    public Gid Passive { get; internal set; }
    public ServiceId ServiceId { get; internal set; }
    public uint ActiveCommId { get; internal set; }
    public uint PassiveCommId { get; internal set; }
    public ulong TransactionId { get; internal set; }
    /// <summary>Transaction IDs of the DREQs of either side.</summary>
    internal ulong? ActiveDisconnect { get; set; }
    internal ulong? PassiveDisconnect { get; set; }
    public Qpn ActiveQp { get; internal set; }
    public Qpn PassiveQp { get; internal set; }
    internal Psn ActiveStart { get; set; }
    /// <summary>A SEND was seen, so that <see cref="Ulp"/> is no longer a guess from the login data.</summary>
    internal bool HasSpoken { get; set; }
    /// <summary>READs and atomics that the active and the passive side answer at a time; -1 while unknown.</summary>
    public int ActiveResources { get; internal set; } = -1;
    public int PassiveResources { get; internal set; } = -1;
    /// <summary>Login data of an iSER REQ and REP.</summary>
    public IserCmPrivateData? IserRequest { get; internal set; }
    public IserCmPrivateData? IserReply { get; internal set; }
    public SrpLoginRequest? SrpRequest { get; internal set; }
    public SrpLoginResponse? SrpResponse { get; internal set; }

    /// <summary>State of the check that follows this connection's upper layer.</summary>
    internal UlpRules? Rules { get; set; }

    internal bool IsBetween(Gid sender, uint local, Gid receiver, uint remote) =>
        (sender == Active && receiver == Passive && local == ActiveCommId && remote == PassiveCommId)
        || (sender == Passive && receiver == Active && local == PassiveCommId && remote == ActiveCommId);

    internal Channel? Other(Channel channel) => channel == Forward ? Backward : Forward;

    public override string ToString() => Forward is { } f && Backward is { } b
        ? $"connection {Number} ({f.Source} QP {b.QueuePair}, {f.Destination} QP {f.QueuePair}{(Ulp is Ulp.Iser or Ulp.Srp ? $", {Ulp}" : "")})"
        : Forward is { } one ? $"connection {Number} ({one})"
        : $"connection {Number} ({Active} QP {ActiveQp}, {Passive})";
}
