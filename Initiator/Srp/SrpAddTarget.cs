using System.Globalization;
using Weft.Fabric.Connections;
using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

/// <summary>
/// The string that is written to ib_srp's <c>add_target</c>: which target, and options of this login. As in the driver, an unknown option, a
/// malformed value or a missing parameter refuses the whole string.
/// </summary>
public sealed record SrpAddTarget
{
    /// <summary>I/O classes: SRP rev. 16a, and rev. 10 with the halves of both port identifiers swapped.</summary>
    public const ushort Rev16A = 0x0100, Rev10 = 0xFF00;

    public required ulong IdExt { get; init; }
    public required ulong IocGuid { get; init; }
    /// <summary>RDMA CM: where the target listens.</summary>
    public IpEndpoint? Destination { get; init; }
    /// <summary>RDMA CM: our own address; none: the way there decides.</summary>
    public Gid Source { get; init; }
    /// <summary>IB CM: GID of the target's port, partition and service.</summary>
    public Gid DestinationGid { get; init; }
    public ushort PKey { get; init; }
    public ulong ServiceId { get; init; }
    public ushort IoClass { get; init; } = Rev16A;
    public ulong InitiatorExt { get; init; }
    /// <summary>Longest data of one command, in 512-byte sectors.</summary>
    public int? MaxSectors { get; init; }
    public int? MaxCommandsPerLun { get; init; }
    /// <summary>Commands of a channel under way at once.</summary>
    public int? QueueSize { get; init; }
    public int? TargetCanQueue { get; init; }
    /// <summary>Descriptors in a command, 1..255.</summary>
    public int? CmdSgEntries { get; init; }
    /// <summary>Descriptors of a command altogether, 1..2048.</summary>
    public int? SgTableSize { get; init; }
    /// <summary>Tables may be longer than what a command holds; the target reads the rest.</summary>
    public bool? AllowExtSg { get; init; }
    public int? CompletionVector { get; init; }
    /// <summary>Transport retries, 2..7.</summary>
    public byte TlRetryCount { get; init; } = 7;
    /// <summary>Longest information unit to ask for; 0: no limit.</summary>
    public int MaxItIuSize { get; init; }
    public int? ChannelCount { get; init; }

    public bool UsesRdmaCm => Destination is not null;
    public SrpPortId TargetPort => Order(IdExt, IocGuid);

    /// <summary>Our port identifier, from the GUID in entry 0 of the port's GID table.</summary>
    public SrpPortId InitiatorPort(Gid portGid) => Order(InitiatorExt, portGid.Low);

    private SrpPortId Order(ulong extension, ulong guid) => IoClass == Rev10 ? new(guid, extension) : new(extension, guid);

    /// <summary>Whether both strings mean the same nexus of one port of ours: the driver takes only one of them.</summary>
    public bool IsSameAs(SrpAddTarget other) =>
        IdExt == other.IdExt && IocGuid == other.IocGuid && (UsesRdmaCm && other.UsesRdmaCm ? Destination == other.Destination : InitiatorExt == other.InitiatorExt);

    /// <summary>Reads a string; options are separated by commas or line ends.</summary>
    /// <param name="error">What was wrong, in the driver's words where it has any.</param>
    public static SrpAddTarget? TryParse(string text, out string? error)
    {
        var result = new SrpAddTarget { IdExt = 0, IocGuid = 0 };
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in text.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var at = option.IndexOf('=');
            var (name, value) = at < 0 ? (option, "") : (option[..at], option[(at + 1)..]);
            if (Apply(result, name, value) is not { } next)
            {
                error = SrpAddTargetOption.IsKnown(name)
                    ? $"bad {name} parameter '{value}': {SrpAddTargetOption.FormOf(name)}"
                    : $"unknown parameter or missing value '{option}' in target creation request";
                return null;
            }
            result = next;
            given.Add(name);
        }
        var isWhole = given.Contains("id_ext") && given.Contains("ioc_guid")
            && (given.Contains("dest") || given.Contains("dgid") && given.Contains("pkey") && given.Contains("service_id"));
        error = isWhole ? null : "target creation request is missing one or more parameters: id_ext, ioc_guid and either dest, or dgid, pkey and service_id";
        return isWhole ? result : null;
    }

    private static SrpAddTarget? Apply(SrpAddTarget on, string name, string value) => name switch
    {
        "id_ext" => Hex(value, 16) is { } v ? on with { IdExt = v } : null,
        "ioc_guid" => Hex(value, 16) is { } v ? on with { IocGuid = v } : null,
        "service_id" => Hex(value, 16) is { } v ? on with { ServiceId = v } : null,
        "initiator_ext" => Hex(value, 16) is { } v ? on with { InitiatorExt = v } : null,
        "pkey" => Hex(value, 4) is { } v ? on with { PKey = (ushort)v } : null,
        "io_class" => Hex(value, 4) is { } v and (Rev16A or Rev10) ? on with { IoClass = (ushort)v } : null,
        "dgid" when value.Length == 32 => Hex(value[..16], 16) is { } high && Hex(value[16..], 16) is { } low ? on with { DestinationGid = new(high, low) } : null,
        "dest" => SrpAddTargetOption.TryParseEndpoint(value, out var endpoint) ? on with { Destination = endpoint } : null,
        "src" => Gid.TryParse(value, out var source) ? on with { Source = source } : null,
        "max_sect" => Number(value, 1, int.MaxValue / 512) is { } v ? on with { MaxSectors = v } : null,
        "max_cmd_per_lun" => Number(value, 1, int.MaxValue) is { } v ? on with { MaxCommandsPerLun = v } : null,
        "queue_size" => Number(value, 1, 4096) is { } v ? on with { QueueSize = v } : null,
        "target_can_queue" => Number(value, 1, int.MaxValue) is { } v ? on with { TargetCanQueue = v } : null,
        "cmd_sg_entries" => Number(value, 1, 255) is { } v ? on with { CmdSgEntries = v } : null,
        "sg_tablesize" => Number(value, 1, 2048) is { } v ? on with { SgTableSize = v } : null,
        "allow_ext_sg" => Number(value, 0, 1) is { } v ? on with { AllowExtSg = v == 1 } : null,
        "comp_vector" => Number(value, 0, int.MaxValue) is { } v ? on with { CompletionVector = v } : null,
        "tl_retry_count" => Number(value, 2, 7) is { } v ? on with { TlRetryCount = (byte)v } : null,
        "max_it_iu_size" => Number(value, 0, int.MaxValue) is { } v ? on with { MaxItIuSize = v } : null,
        "ch_count" => Number(value, 1, 64) is { } v ? on with { ChannelCount = v } : null,
        _ => null,
    };

    private static ulong? Hex(string text, int most)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        return text.Length <= most && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;

    /// <summary>The parts that name the target, in the driver's form.</summary>
    public override string ToString() =>
        $"id_ext={IdExt:x16},ioc_guid={IocGuid:x16}," + (Destination is { } to ? $"dest={to}" : $"dgid={DestinationGid.High:x16}{DestinationGid.Low:x16},pkey={PKey:x4},service_id={ServiceId:x16}");
}
