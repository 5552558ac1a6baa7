using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Scenarios.Live.Scst;

/// <summary>What an scst.conf asks for, as far as iSCSI and SRP targets are concerned.</summary>
internal sealed class ScstConfig
{
    public List<ScstDevice> Devices { get; } = [];
    public List<ScstTarget> Targets { get; } = [];
    public List<ScstSrpTarget> SrpTargets { get; } = [];
    /// <summary>Who may discover.</summary>
    public ChapCredentials? Discovery { get; set; }
    /// <summary>Null: not said.</summary>
    public Duration? NopInInterval { get; set; }
    public Duration? NopInTimeout { get; set; }
    public Duration? ResponseTimeout { get; set; }
    /// <summary>Settings that are understood and mean nothing here, a line each.</summary>
    public List<string> Ignored { get; } = [];
}

/// <summary>A DEVICE of a HANDLER.</summary>
/// <param name="File">Null for vdisk_nullio.</param>
/// <param name="Bytes">0: as long as the file is.</param>
internal sealed record ScstDevice(string Name, string? File, long Bytes, int BlockLength, bool IsReadOnly, bool WriteCache, string? Serial, string? Vendor, string? Product);

/// <summary>A LUN line.</summary>
internal sealed record ScstLun(int Number, ScstDevice Device, bool IsReadOnly);

/// <summary>A GROUP: its LUNs are seen by these initiators alone.</summary>
internal sealed record ScstGroup(string Name, List<ScstLun> Luns, List<string> Initiators);

/// <summary>A TARGET of the driver ib_srpt: a port.</summary>
/// <param name="Node">Where it stands, for messages.</param>
internal sealed record ScstSrpTarget(ScstNode Node, string Name, bool IsEnabled, List<ScstLun> Luns, List<ScstGroup> Groups)
{
    /// <exception cref="FormatException">The target is not the port that is there.</exception>
    public void RequireName(string portName)
    {
        if (Name != portName) throw Node.Error($"there is no port '{Name}' to be a target of ib_srpt; this one is '{portName}'");
    }
}

/// <summary>A TARGET of the driver iscsi.</summary>
internal sealed class ScstTarget(string name)
{
    public string Name => name;
    public bool IsEnabled { get; set; }
    public string? Alias { get; set; }
    public KeyPolicy Policy { get; } = KeyPolicy.ImmediateDataTarget();
    public int? QueuedCommands { get; set; }
    public int MaxSessions { get; set; }
    public List<ChapCredentials> Accounts { get; } = [];
    public ChapCredentials? OwnAccount { get; set; }
    public List<string> AllowedPortals { get; } = [];
    public List<ScstLun> Luns { get; } = [];
    public List<ScstGroup> Groups { get; } = [];
}
