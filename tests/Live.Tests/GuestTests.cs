using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

[Collection(GuestCollection.Name)]
public class GuestTests(SharedGuest shared)
{
    [LiveFact]
    public void The_guest_boots_the_stock_kernel_with_soft_RoCE()
    {
        var devices = shared.Fresh().Run("ibv_devinfo");
        Assert.Contains("hca_id:\trxe0", devices, StringComparison.Ordinal);
        Assert.Contains("PORT_ACTIVE", devices, StringComparison.Ordinal);
    }
}
