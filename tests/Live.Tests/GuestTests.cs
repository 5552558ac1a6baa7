using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

public class GuestTests
{
    [LiveFact]
    public void The_guest_boots_the_stock_kernel_with_soft_RoCE()
    {
        using var guest = new Guest();
        var devices = guest.Run("rxe_up; ibv_devinfo");
        Assert.Contains("hca_id:\trxe0", devices, StringComparison.Ordinal);
        Assert.Contains("PORT_ACTIVE", devices, StringComparison.Ordinal);
    }
}
