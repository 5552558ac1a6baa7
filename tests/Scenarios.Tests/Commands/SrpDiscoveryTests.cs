using Weft.Initiator.Srp;

namespace Weft.Scenarios.Tests.Commands;

/// <summary><c>weft ibsrpdm</c> and <c>weft srp_daemon</c>: what srptools print, over a simulated subnet.</summary>
public sealed class SrpDiscoveryTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-srpdm-test");
    private readonly string net;

    public SrpDiscoveryTests() => net = Write("star.net", WeftProgram.Run("subnet", "generate", "star", "--hosts", "4").Output);

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Line(int host, string pkey = "ffff") =>
        $"id_ext=0002c903001000{host}0,ioc_guid=0002c903001000{host}0,dgid=fe800000000000000002c903001000{host}1,pkey={pkey},service_id=0002c903001000{host}0";

    /// <summary>Host 3 in the words of ibsrpdm, srp_daemon.c do_port(): the list of slots only with -v.</summary>
    private static string Unit(string slots = "") =>
        $"""
        IO Unit Info:
            port LID:        0005
            port GID:        fe800000000000000002c90300100031
            change ID:       0001
            max controllers: 0x10
        {slots}
            controller[  1]
                GUID:      0002c90300100030
                vendor ID: 0002c9
                device ID: 000000
                IO class : 0100
                Maximum size of Send Messages in bytes: 8276
                ID:        Weft SRP target
                service entries: 1
                    service[  0]: 0002c90300100030 / SRP.T10:0002c90300100030


        """;

    [Fact]
    public void It_describes_units_for_people()
    {
        Assert.Equal((0, Unit(), ""), WeftProgram.Run("ibsrpdm", "--net", net, "--target", "host-0004 HCA-1"));
        var slots = string.Concat(Enumerable.Range(1, 16).Select(i => $"    controller[{i,3}]: {(i == 1 ? "present" : "not installed")}\n"));
        Assert.Equal((0, Unit(slots), ""), WeftProgram.Run("ibsrpdm", "-v", "--net", net, "--target", "host-0004 HCA-1"));
    }

    [Fact]
    public void It_prints_a_connection_command_for_every_target() =>
        Assert.Equal((0, $"{Line(1)}\n{Line(2)}\n{Line(3)}\n", ""), WeftProgram.Run("ibsrpdm", "-c", "--net", net));

    [Fact]
    public void The_printed_line_logs_in()
    {
        var (exit, output, error) = WeftProgram.Run("srp_daemon", "-oecn", "-l", "3", "--net", net, "--from", "host-0003 HCA-1", "--target", "host-0002 HCA-1");
        var line = $"{Line(1)},initiator_ext=0002c90300100011,tl_retry_count=3";
        Assert.Equal((0, $"{line}\nlogged in: {line}: 16384 blocks\n", ""), (exit, output, error));
        var parsed = SrpAddTarget.TryParse(line, out var problem);
        Assert.Null(problem);
        Assert.Equal((0x0002_c903_0010_0010ul, 0x0002_c903_0010_0011ul, (byte)3), (parsed!.IdExt, parsed.InitiatorExt, parsed.TlRetryCount));
    }

    [Fact]
    public void Targets_are_found_in_the_partitions_that_are_shared_with_them_and_in_no_others()
    {
        var five = Write("five.net", WeftProgram.Run("subnet", "generate", "star", "--hosts", "5").Output); // the manager, a member of all, is on the fifth
        var partitions = Write("partitions.conf",
            """
            Default=0x7fff : ALL=limited, SELF=full ;
            Storage=0x0010 : 0x0002c90300100001=full, 0x0002c90300100011=full ;
            Backup=0x0011 : 0x0002c90300100001=full, 0x0002c90300100011=full, 0x0002c90300100021=full ;
            Other=0x0012 : 0x0002c90300100031=full ;
            """);
        var (exit, output, error) = WeftProgram.Run("srp_daemon", "-oec", "--net", five, "--partitions", partitions, "--from", "host-0001 HCA-1",
            "--target", "host-0002 HCA-1", "--target", "host-0003 HCA-1", "--target", "host-0004 HCA-1");
        string[] lines = [Line(1, "8010"), Line(1, "8011"), Line(2, "8011")];
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(lines.Concat(lines.Select(l => $"logged in: {l}: 16384 blocks")).Order(), output.TrimEnd('\n').Split('\n').Order());
    }

    [Theory]
    [InlineData("--from: the subnet has no node 'nobody'", "--from", "nobody")]
    [InlineData("--target: the subnet has no node 'nobody'", "--target", "nobody")]
    [InlineData("is no host, or has no cable at port 1", "--target", "leaf-001")]
    [InlineData("nowhere.conf", "--partitions", "nowhere.conf")]
    public void What_does_not_fit_is_named(string problem, params string[] arguments)
    {
        var (exit, output, error) = WeftProgram.Run(["ibsrpdm", "--net", net, .. arguments]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_with_several_ports_come_up_whatever_the_order_of_their_switches()
    {
        const string Text =
            """
            switchguid=0x200(0x200)
            Switch	4 "S-0000000000000200"		# "second" base port 0 lid 0 lmc 0
            [1]	"H-0000000000000010"[2](0000000000000012) 		# "two" lid 0 4xEDR
            [2]	"S-0000000000000300"[2]		# "first" lid 0 4xEDR

            switchguid=0x300(0x300)
            Switch	4 "S-0000000000000300"		# "first" base port 0 lid 0 lmc 0
            [1]	"H-0000000000000010"[1](0000000000000011) 		# "two" lid 0 4xEDR
            [2]	"S-0000000000000200"[2]		# "second" lid 0 4xEDR
            [3]	"H-0000000000000020"[1](0000000000000021) 		# "one" lid 0 4xEDR

            caguid=0x10
            Ca	2 "H-0000000000000010"		# "two"
            [1](0000000000000011) 	"S-0000000000000300"[1]		# lid 0 lmc 0 "first" lid 0 4xEDR
            [2](0000000000000012) 	"S-0000000000000200"[1]		# lid 0 lmc 0 "second" lid 0 4xEDR

            caguid=0x20
            Ca	1 "H-0000000000000020"		# "one"
            [1](0000000000000021) 	"S-0000000000000300"[3]		# lid 0 lmc 0 "first" lid 0 4xEDR
            """;
        var (exit, output, error) = WeftProgram.Run("ibsrpdm", "-c", "--net", Write("two.net", Text), "--from", "one");
        Assert.Equal((0, "id_ext=0000000000000010,ioc_guid=0000000000000010,dgid=fe800000000000000000000000000011,pkey=ffff,service_id=0000000000000010\n", ""), (exit, output, error));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
