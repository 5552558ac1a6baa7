using System.Globalization;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Scsi;

namespace Weft.Scenarios.Live.Scst;

/// <summary>
/// Reads the iSCSI and SRP parts of an scst.conf: HANDLER vdisk_fileio, vdisk_blockio, vdisk_nullio, and TARGET_DRIVER iscsi and ib_srpt with their
/// targets, LUNs and groups. What is unknown is an error; what SCST knows and this target has no use for is noted. SCST, scstadmin's man page, the
/// READMEs of iscsi-scst and srpt.
/// </summary>
internal sealed class ScstReader
{
    private static readonly string[] UnusedOfDevice =
        ["nv_cache", "thin_provisioned", "rotational", "t10_dev_id", "naa_id", "eui64_id", "threads_num", "threads_pool_type", "o_direct", "removable", "dummy", "active",
            "cluster_mode", "inq_vend_specific", "prod_rev_lvl", "scsi_device_name", "numa_node_id", "bind_alua_state", "filename_changed", "async"];
    private static readonly string[] UnusedOfTarget =
        ["rel_tgt_id", "cpu_mask", "io_grouping_type", "addr_method", "black_hole", "per_portal_acl", "MaxRecvDataSegmentLength", "MaxXmitDataSegmentLength", "HeaderDigest",
            "DataDigest", "tid", "comment", "forward_src", "forwarding", "aborted_cmds_reporting"];
    private static readonly string[] UnusedOfDriver = ["iSNSServer", "link_local", "isns_entity_name", "internal_portal", "trace_level"];

    // Attributes that SCST gives every target, and those of ib_srpt.
    private static readonly string[] UnusedOfSrpTarget =
        ["rel_tgt_id", "cpu_mask", "io_grouping_type", "addr_method", "black_hole", "comment", "forward_src", "forwarding", "aborted_cmds_reporting", "comp_v_mask", "port_id"];
    private static readonly string[] ReadOnlyOfSrpTarget = ["login_info", "device", "link_layer"];
    private static readonly string[] SrpModuleParameters =
        ["rdma_cm_port", "srp_max_req_size", "srp_max_rsp_size", "srp_max_rdma_size", "use_srq", "srpt_srq_size", "srpt_sq_size", "srpt_service_guid", "one_target_per_port",
            "use_node_guid_in_target_name", "use_port_guid_in_session_name", "trace_flag"];

    private readonly ScstConfig config = new();

    /// <exception cref="FormatException">The file does not fit; the message has file, line and remedy.</exception>
    public static ScstConfig Read(string text, string file)
    {
        var reader = new ScstReader();
        var nodes = ScstParser.Parse(text, file);
        // Devices first: a file may name them in any order.
        foreach (var node in nodes.Where(n => n.Name == "HANDLER")) reader.ReadHandler(node);
        foreach (var node in nodes.Where(n => n.Name != "HANDLER")) reader.ReadTop(node);
        if (reader.config is { Targets.Count: 0, SrpTargets.Count: 0 }) throw new FormatException($"{file}: there is no TARGET under TARGET_DRIVER iscsi or ib_srpt");
        return reader.config;
    }

    private void ReadTop(ScstNode node)
    {
        switch (node.Name)
        {
            case "TARGET_DRIVER":
                ReadDriver(node);
                break;
            case "DEVICE_GROUP":
                throw node.Error("DEVICE_GROUP (ALUA) is not there");
            case var _ when node.Children is null:
                Ignore(node);
                break;
            default:
                throw node.Error($"'{node.Name}' is not a section; there are HANDLER and TARGET_DRIVER");
        }
    }

    private void ReadHandler(ScstNode handler)
    {
        var name = handler.SectionName("vdisk_fileio, vdisk_blockio or vdisk_nullio");
        if (name is not ("vdisk_fileio" or "vdisk_blockio" or "vdisk_nullio")) throw handler.Error($"handler '{name}' is not there; there are vdisk_fileio, vdisk_blockio and vdisk_nullio");
        foreach (var node in handler.Children ?? [])
        {
            if (node.Name != "DEVICE") Ignore(node);
            else config.Devices.Add(ReadDevice(name, node));
        }
    }

    private ScstDevice ReadDevice(string handler, ScstNode node)
    {
        var name = node.SectionName("the device's");
        if (name.Contains('.', StringComparison.Ordinal)) throw node.Error($"device '{name}': names have no '.'");
        if (config.Devices.Exists(d => d.Name == name)) throw node.Error($"there is a device '{name}' already");
        var isNull = handler == "vdisk_nullio";
        var device = new ScstDevice(name, null, 0, 512, false, handler == "vdisk_fileio", null, null, null);
        foreach (var attribute in node.Children ?? [])
        {
            device = attribute.Name switch
            {
                "filename" when !isNull => device with { File = attribute.Value },
                "size" => device with { Bytes = Number(attribute, 1, long.MaxValue) },
                "size_mb" => device with { Bytes = Number(attribute, 1, long.MaxValue >> 20) << 20 },
                "blocksize" => device with { BlockLength = BlockLength(attribute) },
                "read_only" => device with { IsReadOnly = Switch(attribute) },
                "write_through" => device with { WriteCache = handler == "vdisk_fileio" && !Switch(attribute) },
                "usn" => device with { Serial = Text(attribute, 20) },
                "t10_vend_id" => device with { Vendor = Text(attribute, 8) },
                "prod_id" => device with { Product = Text(attribute, 16) },
                _ when UnusedOfDevice.Contains(attribute.Name) => Unused(attribute, device),
                _ => throw attribute.Error($"'{attribute.Name}' is not an attribute of a {handler} device"),
            };
        }
        if (!isNull && device.File is null) throw node.Error($"device '{name}' has no filename");
        if (isNull && device.Bytes == 0) throw node.Error($"device '{name}' has no size: give size in bytes, or size_mb");
        if (device.Bytes % device.BlockLength != 0) throw node.Error($"device '{name}': {device.Bytes} bytes are not whole blocks of {device.BlockLength}");
        return device;
    }

    private void ReadDriver(ScstNode driver)
    {
        switch (driver.SectionName("iscsi or ib_srpt"))
        {
            case "iscsi":
                ReadIscsi(driver);
                break;
            case "ib_srpt":
                ReadSrp(driver);
                break;
            case var other:
                config.Ignored.Add($"{driver.File}:{driver.Line}: TARGET_DRIVER {other}");
                break;
        }
    }

    private void ReadSrp(ScstNode driver)
    {
        foreach (var node in driver.Children ?? [])
        {
            if (node.Name == "TARGET") ReadSrpTarget(node);
            else if (node.Name == "trace_level") Ignore(node);
            else throw NoSrpAttribute(node, "TARGET_DRIVER ib_srpt");
        }
    }

    private void ReadSrpTarget(ScstNode node)
    {
        var name = node.SectionName("the port's, as ib_srpt forms it");
        if (config.SrpTargets.Exists(t => t.Name == name)) throw node.Error($"there is a target '{name}' already");
        var target = new ScstSrpTarget(node, name, IsEnabled: false, [], []);
        foreach (var line in node.Children ?? [])
        {
            if (line.Name == "LUN") AddLun(target.Luns, line);
            else if (line.Name == "GROUP") AddGroup(target.Groups, line);
            else if (line.Name == "enabled") target = target with { IsEnabled = Switch(line) };
            else if (UnusedOfSrpTarget.Contains(line.Name)) Ignore(line);
            else throw NoSrpAttribute(line, "an ib_srpt TARGET");
        }
        config.SrpTargets.Add(target);
        if (!target.IsEnabled) config.Ignored.Add($"{node.File}:{node.Line}: target {target.Name} is not enabled (enabled 1)");
    }

    private static FormatException NoSrpAttribute(ScstNode node, string of) => node.Error(
        SrpModuleParameters.Contains(node.Name) ? $"'{node.Name}' is a parameter of the module ib_srpt, not of scst.conf: give --srp, --srp-set"
        : ReadOnlyOfSrpTarget.Contains(node.Name) ? $"'{node.Name}' cannot be set"
        : $"'{node.Name}' is not an attribute of {of}");

    private void ReadIscsi(ScstNode driver)
    {
        foreach (var node in driver.Children ?? [])
        {
            if (node.Name == "TARGET") ReadTarget(node);
            else if (Is(node, "IncomingUser")) config.Discovery ??= Account(node);
            else if (node.Name == "enabled")
            {
                if (!Switch(node)) throw node.Error("the driver is not enabled: nothing would be served");
            }
            else if (Is(node, "OutgoingUser") || UnusedOfDriver.Contains(node.Name)) Ignore(node);
            else throw node.Error($"'{node.Name}' is not an attribute of TARGET_DRIVER iscsi");
        }
    }

    private void ReadTarget(ScstNode node)
    {
        var target = new ScstTarget(node.SectionName("the target's iSCSI name"));
        if (config.Targets.Exists(t => t.Name == target.Name)) throw node.Error($"there is a target '{target.Name}' already");
        config.Targets.Add(target);
        foreach (var line in node.Children ?? [])
        {
            switch (line.Name)
            {
                case "LUN":
                    AddLun(target.Luns, line);
                    break;
                case "GROUP":
                    AddGroup(target.Groups, line);
                    break;
                default:
                    SetAttribute(target, line);
                    break;
            }
        }
        if (!target.IsEnabled) config.Ignored.Add($"{node.File}:{node.Line}: target {target.Name} is not enabled (enabled 1)");
    }

    private void SetAttribute(ScstTarget target, ScstNode line)
    {
        switch (line.Name)
        {
            case "enabled":
                target.IsEnabled = Switch(line);
                break;
            case "alias":
                target.Alias = Text(line, 255);
                break;
            case "InitialR2T" or "ImmediateData":
                target.Policy.With(Enum.Parse<KeyId>(line.Name), YesNo(line));
                break;
            case "MaxBurstLength" or "FirstBurstLength" or "MaxOutstandingR2T":
                SetKey(target, line, Enum.Parse<KeyId>(line.Name));
                break;
            case "QueuedCommands":
                target.QueuedCommands = (int)Number(line, 1, 2048);
                break;
            case "MaxSessions":
                target.MaxSessions = (int)Number(line, 0, 65535);
                break;
            case "NopInInterval":
                config.NopInInterval = Agreed(line, config.NopInInterval, Number(line, 0, 3600));
                break;
            case "NopInTimeout":
                config.NopInTimeout = Agreed(line, config.NopInTimeout, Number(line, 1, 3600));
                break;
            case "RspTimeout":
                config.ResponseTimeout = Agreed(line, config.ResponseTimeout, Number(line, 2, 3600));
                break;
            case "allowed_portal":
                target.AllowedPortals.Add(line.Value);
                break;
            case var _ when Is(line, "IncomingUser"):
                target.Accounts.Add(Account(line));
                break;
            case var _ when Is(line, "OutgoingUser"):
                target.OwnAccount = Account(line);
                break;
            case var _ when UnusedOfTarget.Contains(line.Name):
                Ignore(line);
                break;
            default:
                throw line.Error($"'{line.Name}' is not an attribute of an iSCSI TARGET");
        }
    }

    private void AddGroup(List<ScstGroup> groups, ScstNode node)
    {
        var group = new ScstGroup(node.SectionName("the group's"), [], []);
        if (groups.Exists(g => g.Name == group.Name)) throw node.Error($"there is a group '{group.Name}' already");
        foreach (var line in node.Children ?? [])
        {
            if (line.Name == "LUN") AddLun(group.Luns, line);
            else if (line.Name == "INITIATOR") group.Initiators.Add(line.Value);
            else if (line.Name is "cpu_mask" or "io_grouping_type" or "addr_method" or "black_hole") Ignore(line);
            else throw line.Error($"'{line.Name}' does not belong into a GROUP; LUN and INITIATOR do");
        }
        groups.Add(group);
    }

    private void AddLun(List<ScstLun> luns, ScstNode node)
    {
        if (node.Words.Count != 3) throw node.Error("a LUN is `LUN number device`");
        if (!int.TryParse(node.Words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > Lun.MaxNumber) throw node.Error($"'{node.Words[1]}' is not a LUN: 0..{Lun.MaxNumber}");
        if (luns.Exists(l => l.Number == number)) throw node.Error($"LUN {number} is taken");
        var device = config.Devices.Find(d => d.Name == node.Words[2])
            ?? throw node.Error($"there is no device '{node.Words[2]}'{(config.Devices.Count == 0 ? "" : $"; there are {string.Join(", ", config.Devices.Select(d => d.Name))}")}");
        var isReadOnly = false;
        foreach (var line in node.Children ?? [])
        {
            if (line.Name == "read_only") isReadOnly = Switch(line);
            else throw line.Error($"'{line.Name}' is not an attribute of a LUN; read_only is");
        }
        luns.Add(new(number, device, isReadOnly));
    }

    private static void SetKey(ScstTarget target, ScstNode line, KeyId key)
    {
        var value = (uint)Number(line, 0, uint.MaxValue);
        if (!KeyTable.Get(key).Allows(value)) throw line.Error($"{value} is not a value that {key} can have (RFC 7143 §13)");
        target.Policy.With(key, value);
    }

    // SCST has these for each target, this target for all of them.
    private static Duration Agreed(ScstNode line, Duration? before, long seconds)
    {
        var value = Duration.FromSeconds(seconds);
        return before is { } other && other != value ? throw line.Error($"'{line.Name}' must be the same for all targets here: {other} before") : value;
    }

    /// <summary>IncomingUser, IncomingUser1, …</summary>
    private static bool Is(ScstNode line, string name) =>
        line.Name.StartsWith(name, StringComparison.Ordinal) && line.Name.AsSpan(name.Length).IndexOfAnyExceptInRange('0', '9') < 0;

    private static ChapCredentials Account(ScstNode line) => line.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var user, { Length: >= 12 } secret] => new(user, secret),
        [_, _] => throw line.Error("a CHAP secret has at least 12 characters"),
        _ => throw line.Error($"'{line.Name}' is \"user secret\", in double quotes"),
    };

    private static long Number(ScstNode line, long least, long most) =>
        long.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value : throw line.Error($"'{line.Name}' is a number, {least}..{most}");

    private static bool Switch(ScstNode line) => line.Value switch { "1" => true, "0" => false, _ => throw line.Error($"'{line.Name}' is 0 or 1") };

    private static bool YesNo(ScstNode line) => line.Value switch { "Yes" => true, "No" => false, _ => throw line.Error($"'{line.Name}' is Yes or No") };

    private static int BlockLength(ScstNode line) => Number(line, 512, 4096) switch { 512 => 512, 1024 => 1024, 2048 => 2048, 4096 => 4096, _ => throw line.Error("blocksize is 512, 1024, 2048 or 4096") };

    private static string Text(ScstNode line, int most) => line.Value is { } value && value.Length <= most && value.All(c => c is >= ' ' and <= '~')
        ? value : throw line.Error($"'{line.Name}' has at most {most} printable characters");

    private T Unused<T>(ScstNode node, T unchanged)
    {
        Ignore(node);
        return unchanged;
    }

    private void Ignore(ScstNode node) => config.Ignored.Add($"{node.File}:{node.Line}: {node.Name}");
}
