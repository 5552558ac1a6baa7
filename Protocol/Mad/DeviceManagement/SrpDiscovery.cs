using System.Globalization;
using System.Text;

namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>What a query found, in the forms of <c>ibsrpdm</c>.</summary>
public static class SrpDiscovery
{
    /// <summary>Lines for ib_srp's <c>add_target</c>, as <c>ibsrpdm -c</c> prints them: one for each SRP service of each controller.</summary>
    /// <param name="port">GID of the port that was asked.</param>
    public static IEnumerable<string> Commands(IReadOnlyList<IoController> controllers, Gid port, ushort pkey = 0xFFFF)
    {
        foreach (var controller in controllers)
        {
            if (!controller.Profile.IsSrp) continue;
            foreach (var service in controller.Services)
            {
                if (service.IdExt is not { } idExt) continue;
                var line = string.Create(CultureInfo.InvariantCulture,
                    $"id_ext={idExt},ioc_guid={controller.Profile.Guid.Value:x16},dgid={port.High:x16}{port.Low:x16},pkey={pkey:x4},service_id={service.ServiceId:x16}");
                yield return controller.Profile.IoClass == IoControllerProfile.SrpClass ? line : $"{line},io_class={controller.Profile.IoClass:x4}";
            }
        }
    }

    /// <summary>The description for people, as <c>ibsrpdm</c> prints it.</summary>
    public static string Describe(in IoUnitInfo unit, IReadOnlyList<IoController> controllers, Lid lid, Gid port)
    {
        var text = new StringBuilder();
        text.AppendLine("IO Unit Info:");
        text.AppendLine(CultureInfo.InvariantCulture, $"    port LID:        {lid.Value:x4}");
        text.AppendLine(CultureInfo.InvariantCulture, $"    port GID:        {port.High:x16}{port.Low:x16}");
        text.AppendLine(CultureInfo.InvariantCulture, $"    change ID:       {unit.ChangeId:x4}");
        text.AppendLine(CultureInfo.InvariantCulture, $"    max controllers: 0x{unit.MaxControllers:x2}");
        var slot = 0;
        foreach (var controller in controllers)
        {
            do slot++; while (slot < unit.MaxControllers && unit[slot] != IoSlot.Present);
            var profile = controller.Profile;
            text.AppendLine();
            text.AppendLine(CultureInfo.InvariantCulture, $"    controller[{slot,3}]");
            text.AppendLine(CultureInfo.InvariantCulture, $"        GUID:      {profile.Guid.Value:x16}");
            text.AppendLine(CultureInfo.InvariantCulture, $"        vendor ID: {profile.VendorId:x6}");
            text.AppendLine(CultureInfo.InvariantCulture, $"        device ID: {profile.DeviceId:x6}");
            text.AppendLine(CultureInfo.InvariantCulture, $"        IO class : {profile.IoClass:x4}");
            text.AppendLine(CultureInfo.InvariantCulture, $"        Maximum size of Send Messages in bytes: {profile.SendSize}");
            text.AppendLine(CultureInfo.InvariantCulture, $"        ID:        {profile.Id}");
            text.AppendLine(CultureInfo.InvariantCulture, $"        service entries: {profile.EntryCount}");
            for (var i = 0; i < controller.Services.Count; i++)
                text.AppendLine(CultureInfo.InvariantCulture, $"            service[{i,3}]: {controller.Services[i].ServiceId:x16} / {controller.Services[i].Name}");
        }
        return text.ToString();
    }
}
