namespace Weft.Live.Tests.Lab;

/// <summary>LIO with two units, and the ways in which an initiator may give it data that it has not asked for.</summary>
internal static class LioModes
{
    public const string Name = "iqn.2024-01.lab:modes";
    public const int Units = 2;
    public const string Portal = Guest.Address + ":3275";

    public static IReadOnlyList<LioMode> All { get; } = [new(true, true), new(true, false), new(false, true), new(false, false)];

    /// <summary>The target takes what the initiator offers: ImmediateData is what both want, InitialR2T what either wants (RFC 7143 §13.10, §13.11).</summary>
    public static void Start(Guest guest) => guest.Run(
        $$"""
        IQN={{Name}}
        lio_iscsi $(lio_ram modes0 8) {{Portal.Split(':')[1]}}
        t=$CFG/iscsi/$IQN/tpgt_1
        [ -d $t/lun/lun_1 ] || { mkdir $t/lun/lun_1; ln -s $(lio_ram modes1 8) $t/lun/lun_1/bs; }
        lio_param ImmediateData=Yes InitialR2T=No
        echo 1 > $t/enable
        """);

    public static void End(Guest guest) => guest.Run($"echo 0 > $CFG/iscsi/{Name}/tpgt_1/enable");
}

/// <param name="IsImmediate">ImmediateData=Yes: a command brings the first of its data with it.</param>
/// <param name="IsAsked">InitialR2T=Yes: the rest of it only comes when it is asked for; over iSER, when the target reads it.</param>
internal sealed record LioMode(bool IsImmediate, bool IsAsked)
{
    /// <summary>Options of our initiator, whose default is to offer both.</summary>
    public string[] Options => [.. IsImmediate ? Array.Empty<string>() : ["--no-immediate-data"], .. IsAsked ? ["--initial-r2t"] : Array.Empty<string>()];

    /// <summary>The capture of a run with writes of more than 8 KiB shows this mode in use.</summary>
    public void CheckUse(string capture)
    {
        var shown = Host.Run("dotnet", WeftProcess.Weft, "capture", "show", capture);
        Assert.Equal(IsImmediate, shown.Contains(" immediate 8192 CDB", StringComparison.Ordinal));
        Assert.Equal(!IsAsked, shown.Contains("iSER Data-Out", StringComparison.Ordinal));
    }
}
