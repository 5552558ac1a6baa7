using System.Text.RegularExpressions;
using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary><c>weft devices</c> beside the guest's ibv_devinfo.</summary>
[Collection(GuestCollection.Name)]
public partial class DevicesTests(SharedGuest shared)
{
    [LiveFact]
    public void Devices_says_what_ibv_devinfo_says_in_its_words()
    {
        var guest = shared.Fresh();
        var real = Fields(guest.Run("ibv_devinfo -v"));
        using var weft = new WeftProcess(guest, "devices", "-v", "--address", "fd00:9::1/64");
        Assert.True(weft.WaitForExit() == 0, weft.Output);
        var ours = Fields(weft.Output);
        Assert.Equal([], ours.Keys.Where(k => !k.StartsWith("GID[", StringComparison.Ordinal)).Except(real.Keys));
        foreach (var same in new[] { "transport", "vendor_id", "phys_port_cnt", "port", "state", "max_mtu", "active_mtu", "sm_lid", "port_lid", "port_lmc", "link_layer" })
            Assert.Equal(real[same], ours[same]);
        Assert.Equal("weft0", ours["hca_id"]);
        Assert.Equal("::ffff:10.9.0.1, RoCE v2", ours["GID[  1]"]);
        Assert.Equal("fd00:9::1, RoCE v2", ours["GID[  2]"]);
    }

    private static Dictionary<string, string> Fields(string output)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in Field().Matches(output)) fields[match.Groups[1].Value] = match.Groups[2].Value;
        return fields;
    }

    [GeneratedRegex(@"^\s*([A-Za-z_]+(?:\[ *[0-9]+\])?):\s+(\S.*?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Field();
}
