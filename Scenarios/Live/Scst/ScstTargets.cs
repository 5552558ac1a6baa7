using Weft.Target.Commands;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Live.Scst;

/// <summary>Makes the targets that a configuration asks for.</summary>
internal static class ScstTargets
{
    public static HostLimits Limits(ScstConfig config, HostLimits defaults) => defaults with
    {
        NopInInterval = config.NopInInterval ?? defaults.NopInInterval,
        NopInTimeout = config.NopInTimeout ?? defaults.NopInTimeout,
        ResponseTimeout = config.ResponseTimeout ?? defaults.ResponseTimeout,
    };

    /// <returns>The stores by the names of their devices, to be disposed of at the end.</returns>
    /// <exception cref="IOException">A file cannot be opened.</exception>
    public static Dictionary<string, BackStore> Open(ScstConfig config)
    {
        var stores = new Dictionary<string, BackStore>(StringComparer.Ordinal);
        foreach (var device in config.Devices) stores.Add(device.Name, Open(device));
        return stores;
    }

    /// <summary>Makes the iSCSI targets.</summary>
    public static void AddTo(TargetHost host, ScstConfig config, Dictionary<string, BackStore> stores)
    {
        if (config.Discovery is { } account) host.DiscoveryChap = new(null, account);
        foreach (var wanted in config.Targets)
        {
            var target = host.AddTarget(wanted.Name);
            (target.Enabled, target.Alias, target.Policy, target.MaxSessions, target.OwnAccount) = (wanted.IsEnabled, wanted.Alias, wanted.Policy, wanted.MaxSessions, wanted.OwnAccount);
            if (wanted.QueuedCommands is { } depth) target.QueuedCommands = depth;
            foreach (var user in wanted.Accounts) target.AddAccount(user);
            foreach (var portal in wanted.AllowedPortals) target.AllowPortal(portal);
            AddUnits(target.Device, wanted.Luns, wanted.Groups, stores);
        }
    }

    /// <summary>The units of the SRP target, and who sees which; null: there is none that is enabled.</summary>
    public static TargetDevice? SrpUnits(ScstConfig config, Dictionary<string, BackStore> stores)
    {
        if (SrpTarget(config) is not { } wanted) return null;
        var units = new TargetDevice(wanted.Name, announcesPowerOn: false);
        AddUnits(units, wanted.Luns, wanted.Groups, stores);
        return units;
    }

    /// <summary>The SRP target that is enabled, if one is: of one link there is one port.</summary>
    /// <exception cref="FormatException">Several are.</exception>
    public static ScstSrpTarget? SrpTarget(ScstConfig config)
    {
        var enabled = config.SrpTargets.FindAll(t => t.IsEnabled);
        return enabled.Count < 2 ? enabled.FirstOrDefault() : throw enabled[1].Node.Error($"there is one port to be a target of ib_srpt, and '{enabled[0].Name}' is enabled too");
    }

    private static void AddUnits(TargetDevice device, List<ScstLun> luns, List<ScstGroup> groups, Dictionary<string, BackStore> stores)
    {
        var units = new Dictionary<string, DiskUnit>(StringComparer.Ordinal);
        Fill(device.Luns.Default, luns);
        foreach (var group in groups)
        {
            var lunGroup = device.Luns.AddGroup(group.Name);
            Fill(lunGroup, group.Luns);
            foreach (var initiator in group.Initiators) lunGroup.AddInitiator(initiator);
        }

        // A device under several LUNs of one target is one unit.
        void Fill(LunGroup group, List<ScstLun> wanted)
        {
            foreach (var lun in wanted)
            {
                if (!units.TryGetValue(lun.Device.Name, out var unit)) units.Add(lun.Device.Name, unit = new(stores[lun.Device.Name], Options(lun.Device)));
                group.Add(lun.Number, unit, lun.IsReadOnly);
            }
        }
    }

    private static BackStore Open(ScstDevice device) => device switch
    {
        { File: null } => new NullStore(device.Name, (ulong)(device.Bytes / device.BlockLength), device.BlockLength),
        { Bytes: 0 } or { IsReadOnly: true } => FileStore.Open(device.Name, device.File, device.BlockLength, device.IsReadOnly),
        _ => FileStore.Create(device.Name, device.File, (ulong)(device.Bytes / device.BlockLength), device.BlockLength),
    };

    private static DiskOptions Options(ScstDevice device) => new()
    {
        Vendor = device.Vendor ?? "WEFT",
        Product = device.Product ?? (device.Name.Length <= 16 ? device.Name : device.Name[..16]),
        Serial = device.Serial ?? device.Name,
        WriteCache = device.WriteCache,
    };
}
