namespace Weft.Wireshark.Tests;

/// <summary>Claims about the dissectors that a listing would not make plain.</summary>
public class DissectorTests
{
    [TsharkFact]
    public void A_long_immediate_write_shows_whole_with_its_data()
    {
        // 64 KiB write with 8 KiB immediate data: 28 + 48 + 8192 bytes in nine packets of path MTU 1024.
        var rows = Tshark.Fields(GoldenCapture.Named("iser-imm-yes-r2t-no").Path,
            ["frame.number", "weft.msg.packets", "weft.msg.length", "iscsi.opcode", "iscsi.datasegmentlength"], "iscsi.opcode == 1 && weft.msg.length > 8000");
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(["9", "8268", "0x01", "8192"], row[1..]));
    }

    [TsharkFact]
    public void Stock_tshark_loses_what_the_dissectors_show()
    {
        // The measure of this folder: remove it, and these messages disappear.
        var capture = GoldenCapture.Named("iser-imm-yes-r2t-no").Path;
        int Count(bool stock) => Tshark.Fields(capture, ["iscsi.opcode"], "iscsi.opcode && !_ws.malformed && infiniband.bth.opcode == 2", stock).Count;
        Assert.Equal(0, Count(stock: true));
        Assert.NotEqual(0, Count(stock: false));
    }

    [TsharkTheory]
    [InlineData("iser-dup")]
    [InlineData("iser-corrupt")]
    [InlineData("iser-imm-yes-r2t-no")]
    public void A_message_is_shown_once_although_packets_come_twice(string name)
    {
        // CmdSN of commands that are not immediate grows by one per command of a connection: a message shown twice would repeat one.
        var rows = Tshark.Fields(GoldenCapture.Named(name).Path, ["weft.conn", "iscsi.cmdsn", "frame.number"],
            "iscsi.opcode == 1 && !weft.retransmission && !weft.expected_psn && weft.icrc.status == 1");
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Count, rows.DistinctBy(row => (row[0], row[1])).Count());
    }

    [TsharkFact]
    public void Rdma_names_the_command_whose_keys_it_uses()
    {
        // LIO answers each READ with RDMA WRITEs to the Read STag: none of them may stay without its command.
        var rows = Tshark.Fields(GoldenCapture.Named("iser-sense").Path, ["frame.number", "weft.cmd.frame"], "infiniband.bth.opcode == 10");
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.NotEqual("", row[1]));
    }

    [TsharkFact]
    public void Login_private_data_is_read_in_both_directions()
    {
        var rows = Tshark.Fields(GoldenCapture.Named("iser-discovery").Path, ["weft.cm.msg", "weft.iser.cm.no_zbva", "weft.iser.cm.no_invalidate"], "weft.iser.cm.no_zbva");
        Assert.Equal([["REQ", "1", "0"], ["REP", "1", "0"]], rows.Select(row => row.Select(Digit).ToArray()));

        // A newer Wireshark prints True and False where 4.0 prints 1 and 0.
        static string Digit(string value) => value switch { "True" => "1", "False" => "0", _ => value };
    }

    [TsharkFact]
    public void A_rejected_srp_login_says_why()
    {
        var row = Assert.Single(Tshark.Fields(GoldenCapture.Named("srp-rej-imm64k").Path, ["weft.cm.reason", "srp.rej_reason"], "weft.cm.msg == REJ"));
        Assert.Equal(["28", "0x00010002"], row);
    }

    [TsharkFact]
    public void The_icrc_of_every_packet_of_a_healthy_capture_is_good()
    {
        var rows = Tshark.Fields(GoldenCapture.Named("rping-ipv6").Path, ["frame.number", "weft.icrc.status"], "infiniband");
        Assert.All(rows, row => Assert.Equal("1", row[1]));
    }

    [TsharkFact]
    public void A_second_pass_shows_the_same_as_the_first()
    {
        // The program with windows dissects a frame again whenever it is selected; state must not change then.
        string[] fields = ["-T", "fields", "-e", "frame.number", "-e", "weft.conn", "-e", "weft.retransmission", "-e", "weft.cmd.frame", "-e", "iscsi.opcode", "-e", "srp.req_lim"];
        foreach (var name in new[] { "iser-dup", "srp-sense" })
        {
            var capture = GoldenCapture.Named(name).Path;
            Assert.Equal(Tshark.Run(["-r", capture, .. fields]).Output, Tshark.Run(["-2", "-r", capture, .. fields]).Output);
        }
    }
}
