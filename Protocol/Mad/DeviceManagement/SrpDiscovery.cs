using System.Globalization;
using System.Text;

namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>What a query found, in the forms of <c>ibsrpdm</c>.</summary>
public static class SrpDiscovery
{
    /// <summary>
    /// Lines for ib_srp's <c>add_target</c>, as <c>ibsrpdm -c</c> prints them: one for each service of a controller that is called SRP.T10.
    /// </summary>
    /// <param name="port">GID of the port that was asked.</param>
    /// <param name="pkey">Partition in which it was asked.</param>
    /// <param name="hasInitiatorExt">With an initiator_ext, the GUID of the target's port, as <c>srp_daemon -n</c> has it.</param>
    public static IEnumerable<string> Commands(IReadOnlyList<IoController> controllers, Gid port, ushort pkey = 0xFFFF, bool hasInitiatorExt = false)
    {
        foreach (var controller in controllers)
        {
            foreach (var service in controller.Services)
            {
                if (service.IdExt is not { } idExt) continue;
                var line = string.Create(CultureInfo.InvariantCulture,
                    $"id_ext={idExt},ioc_guid={controller.Profile.Guid.Value:x16},dgid={port.High:x16}{port.Low:x16},pkey={pkey:x4},service_id={service.ServiceId:x16}");
                if (controller.Profile.IoClass != IoControllerProfile.SrpClass) line += $",io_class={controller.Profile.IoClass:x4}";
                yield return hasInitiatorExt ? $"{line},initiator_ext={port.Low:x16}" : line;
            }
        }
    }

    /// <summary>The description for people, as <c>ibsrpdm</c> prints it, with the empty line behind it.</summary>
    /// <param name="showsSlots">With what is in each slot, as <c>srp_daemon -v</c> prints it.</param>
    public static string Describe(in IoUnitInfo unit, IReadOnlyList<IoController> controllers, Lid lid, Gid port, bool showsSlots = false)
    {
        var text = new StringBuilder();
        Append(text, $"IO Unit Info:");
        Append(text, $"    port LID:        {lid.Value:x4}");
        Append(text, $"    port GID:        {port.High:x16}{port.Low:x16}");
        Append(text, $"    change ID:       {unit.ChangeId:x4}");
        Append(text, $"    max controllers: 0x{unit.MaxControllers:x2}");
        for (var i = 1; showsSlots && i <= unit.MaxControllers; i++) Append(text, $"    controller[{i,3}]: {SlotText(unit[i])}");
        var slot = 0;
        foreach (var controller in controllers)
        {
            do slot++; while (slot < unit.MaxControllers && unit[slot] != IoSlot.Present);
            Append(text, $"");
            Append(text, $"    controller[{slot,3}]");
            Describe(text, controller);
        }
        Append(text, $"");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, IoController controller)
    {
        var profile = controller.Profile;
        Append(text, $"        GUID:      {profile.Guid.Value:x16}");
        Append(text, $"        vendor ID: {profile.VendorId:x6}");
        Append(text, $"        device ID: {profile.DeviceId:x6}");
        Append(text, $"        IO class : {profile.IoClass:x4}");
        Append(text, $"        Maximum size of Send Messages in bytes: {profile.SendSize}");
        Append(text, $"        ID:        {profile.Id}");
        Append(text, $"        service entries: {profile.EntryCount}");
        for (var i = 0; i < controller.Services.Count; i++)
            if (controller.Services[i].IdExt is not null) Append(text, $"            service[{i,3}]: {controller.Services[i].ServiceId:x16} / {controller.Services[i].Name}");
    }

    // The tools end lines with LF on every system.
    private static void Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string SlotText(IoSlot slot) => slot switch
    {
        IoSlot.Empty => "not installed",
        IoSlot.Present => "present",
        IoSlot.NoSlot => "no slot",
        _ => "<unknown>",
    };
}
