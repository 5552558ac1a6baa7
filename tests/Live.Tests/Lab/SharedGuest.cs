namespace Weft.Live.Tests.Lab;

/// <summary>
/// One booted guest for many tests, with soft RoCE up: a boot costs more than most of them. A test that leaves it stuck costs the next one
/// a new boot.
/// </summary>
public sealed class SharedGuest : IDisposable
{
    private Guest? guest;

    /// <summary>The guest without sessions, records of targets, or anything that an earlier test has left running.</summary>
    internal Guest Fresh()
    {
        if (guest is { IsUsable: false })
        {
            guest.Dispose();
            guest = null;
        }
        guest ??= new Guest();
        guest.Run(
            """
            rxe_up
            [ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
            pkill '^(ib_|ibv_|rping|udaddy)'
            umount -f /mnt 2> /dev/null
            if pidof iscsid > /dev/null; then iscsiadm -m node -u; iscsiadm -m node -o delete; fi > /dev/null 2>&1
            ip neigh flush dev eth0
            exit 0
            """);
        return guest;
    }

    public void Dispose() => guest?.Dispose();
}

/// <summary>Tests of this collection run one after another on one guest.</summary>
[CollectionDefinition(Name)]
public sealed class GuestCollection : ICollectionFixture<SharedGuest>
{
    public const string Name = "one guest";
}
