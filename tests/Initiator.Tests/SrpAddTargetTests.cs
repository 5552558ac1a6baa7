using Weft.Fabric.Connections;
using Weft.Initiator.Srp;

namespace Weft.Initiator.Tests;

public class SrpAddTargetTests
{
    private const string Ids = "id_ext=505400fffe09000b,ioc_guid=0x505400fffe09000a";

    [Fact]
    public void Every_option_of_the_driver_is_read()
    {
        var target = SrpAddTarget.TryParse(
            Ids + ",dest=10.9.0.12:5555,src=10.9.0.1,max_sect=1024,max_cmd_per_lun=16,queue_size=127,target_can_queue=99,io_class=ff00,initiator_ext=7,cmd_sg_entries=255,"
            + "allow_ext_sg=1,sg_tablesize=2048,comp_vector=1,tl_retry_count=2,max_it_iu_size=4148,ch_count=3\n", out var error);
        Assert.Null(error);
        Assert.Equal((0x5054_00FF_FE09_000Bul, 0x5054_00FF_FE09_000Aul), (target!.IdExt, target.IocGuid));
        Assert.Equal((new IpEndpoint(Gid.Parse("10.9.0.12"), 5555), Gid.Parse("10.9.0.1")), (target.Destination!.Value, target.Source));
        Assert.True(target is
        {
            MaxSectors: 1024, MaxCommandsPerLun: 16, QueueSize: 127, TargetCanQueue: 99, CmdSgEntries: 255, AllowExtSg: true, SgTableSize: 2048, CompletionVector: 1,
            TlRetryCount: 2, MaxItIuSize: 4148, ChannelCount: 3,
        });
        // rev. 10 has the halves of both identifiers the other way round
        Assert.Equal("505400fffe09000a505400fffe09000b", target.TargetPort.ToString());
        Assert.Equal("505400fffe0900010000000000000007", target.InitiatorPort(Gid.LinkLocal(new(0x5054_00FF_FE09_0001))).ToString());
    }

    [Fact]
    public void What_is_printed_is_what_is_read()
    {
        const string Line = "id_ext=0002c90300053f4a,ioc_guid=0002c90300053f4a,dgid=fe800000000000000002c90300053f4b,pkey=8001,service_id=0002c90300053f4a";
        Assert.Equal(Line, SrpAddTarget.TryParse(Line, out _)!.ToString());
        Assert.Equal("id_ext=505400fffe09000b,ioc_guid=505400fffe09000a,dest=[fd00::1]:5555", SrpAddTarget.TryParse(Ids + ",dest=[fd00::1]:5555", out _)!.ToString());
    }

    [Theory]
    [InlineData("", "missing one or more parameters")]
    [InlineData(Ids, "missing one or more parameters")]
    [InlineData(Ids + ",dgid=fe800000000000000002c90300053f4b,pkey=ffff", "missing one or more parameters")]
    [InlineData(Ids + ",dest=10.9.0.12", "bad dest parameter")]
    [InlineData(Ids + ",dest=fd00::1:5555", "bad dest parameter")]
    [InlineData(Ids + ",dest=10.9.0.12:0", "bad dest parameter")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,dgid=fe80", "bad dgid parameter")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,cmd_sg_entries=256", "bad cmd_sg_entries parameter '256'")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,tl_retry_count=1", "bad tl_retry_count parameter")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,io_class=0200", "bad io_class parameter")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,queue_size=0", "bad queue_size parameter")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,colour=red", "unknown parameter or missing value 'colour=red'")]
    [InlineData(Ids + ",dest=10.9.0.12:5555,ch_count", "bad ch_count parameter ''")]
    [InlineData("id_ext=12345678901234567,ioc_guid=1,dest=10.9.0.12:5555", "bad id_ext parameter")]
    public void What_the_driver_refuses_is_refused_and_named(string text, string complaint)
    {
        Assert.Null(SrpAddTarget.TryParse(text, out var error));
        Assert.Contains(complaint, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 15, 600, "reconnect_delay is not 0")]
    [InlineData(10, 601, 700, "at most 600 s")]
    [InlineData(10, -1, 601, "at most 600 s")]
    [InlineData(10, 15, 15, "less than dev_loss_tmo")]
    [InlineData(-1, -1, -1, "cannot all be off")]
    [InlineData(10, -1, 600, null)]
    [InlineData(-1, 15, -1, null)]
    public void Timers_that_do_not_fit_together_are_refused(int reconnect, int fastFail, int deviceLoss, string? complaint)
    {
        var problem = new SrpOptions { ReconnectDelay = Seconds(reconnect), FastIoFailTimeout = Seconds(fastFail), DeviceLossTimeout = Seconds(deviceLoss) }.Problem();
        if (complaint is null) Assert.Null(problem);
        else Assert.Contains(complaint, problem, StringComparison.Ordinal);

        static Duration Seconds(int value) => value < 0 ? Duration.Infinite : Duration.FromSeconds(value);
    }

    [Theory]
    [InlineData(12, true, 8260)] // what ib_srp asks for by default
    [InlineData(12, false, 276)]
    [InlineData(2, false, 116)]
    public void The_length_that_is_asked_for_is_the_drivers(int entries, bool immediate, int length) =>
        Assert.Equal(length, new SrpOptions { UseImmediateData = immediate }.RequestLength(entries, 0));
}
