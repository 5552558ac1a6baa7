using System.Text;

namespace Weft.Wireshark.Tests;

/// <summary>
/// A capture with what was approved about it, by file name without extension: NAME.approved.txt is its field listing,
/// NAME.explained.txt names the frames that are allowed to be broken, and why.
/// </summary>
public sealed class GoldenCapture(string path)
{
    private static readonly string[] Fields =
    [
        "frame.number", "weft.op", "infiniband.bth.destqp", "infiniband.bth.psn", "weft.cm.msg", "weft.cm.port", "weft.cm.qpn", "weft.cm.reason",
        "weft.cm.answers", "weft.cm.sidr_status", "weft.cm.ip.src", "weft.cm.ip.dst", "weft.iser.cm.no_zbva", "weft.iser.cm.no_invalidate",
        "weft.conn", "weft.conn.protocol", "weft.icrc.status", "weft.retransmission", "weft.expected_psn", "weft.nak", "weft.payload",
        "infiniband.reth.r_key", "infiniband.reth.va", "infiniband.reth.dmalen", "infiniband.ieth",
        "weft.msg.first", "weft.msg.last", "weft.msg.packets", "weft.msg.length", "weft.read.request", "weft.cmd.frame", "weft.cmd", "weft.cmd.about",
        "weft.cmd.rdma_read", "weft.cmd.rdma_write",
        "iser.flags.opcode", "iser.write_stag", "iser.write_base_offset", "iser.read_stag", "iser.read_base_offset",
        "iscsi.opcode", "iscsi.initiatortasktag", "iscsi.datasegmentlength", "iscsi.cmdsn", "iscsi.statsn", "iscsi.keyvalue", "iscsi.scsiresponse.status",
        "srp.opcode", "srp.tag", "srp.req_lim_delta", "srp.req_lim", "srp.max_it_iu_len", "srp.rej_reason", "srp.cdb", "srp.out.fmt", "srp.in.fmt",
        "srp.desc.va", "srp.desc.key", "srp.desc.len", "srp.imm_data_len", "srp.tsk_mgmt_func", "srp.flags", "srp.status", "srp.sense_len", "srp.resp_code",
        "_ws.expert.message",
    ];

    // Names of protocols and fields change between versions of Wireshark; the values that matter here do not.
    private static readonly string[] Dropped = ["frame.number"];

    /// <summary>The capture file.</summary>
    public string Path { get; } = path;

    /// <summary>File name without extension.</summary>
    public string Name { get; } = System.IO.Path.GetFileNameWithoutExtension(path);

    private string ApprovedPath => System.IO.Path.Combine(Repository.Golden, Name + ".approved.txt");

    private string ExplainedPath => System.IO.Path.Combine(Repository.Golden, Name + ".explained.txt");

    /// <summary>
    /// Captures with a listing to compare: all that lie in Wireshark/golden, and those of tests/data/captures for which an approved
    /// listing exists.
    /// </summary>
    public static IEnumerable<GoldenCapture> WithListing() =>
        All().Where(golden => System.IO.Path.GetDirectoryName(golden.Path) == Repository.Golden || File.Exists(golden.ApprovedPath));

    /// <summary>Every capture that the tests may look at.</summary>
    public static IEnumerable<GoldenCapture> All() =>
        new[] { Repository.Golden, Repository.Captures }.Where(Directory.Exists)
            .SelectMany(directory => Directory.EnumerateFiles(directory, "*.pcap*"))
            .Order(StringComparer.Ordinal).Select(path => new GoldenCapture(path));

    /// <summary>The capture of that name.</summary>
    public static GoldenCapture Named(string name) => All().Single(golden => golden.Name == name);

    /// <summary>The approved listing without its comment lines; null when none was approved yet.</summary>
    public string? Approved =>
        File.Exists(ApprovedPath) ? string.Join('\n', File.ReadAllLines(ApprovedPath).Where(line => !line.StartsWith('#'))).TrimEnd('\n') : null;

    /// <summary>Replaces the approved listing.</summary>
    public void Approve(string listing) =>
        File.WriteAllText(ApprovedPath, $"# {Name}: fields as {Tshark.Version} shows them with the weft profile and dissectors. Written by WEFT_APPROVE=1.\n{listing}\n");

    /// <summary>Frames that are allowed to be broken: "12: why" or "12-14: why" in NAME.explained.txt.</summary>
    public IReadOnlySet<int> Explained()
    {
        SortedSet<int> frames = [];
        if (!File.Exists(ExplainedPath)) return frames;
        foreach (var line in File.ReadAllLines(ExplainedPath).Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            var (range, reason) = line.Split(':', 2) is [var left, var right] ? (left, right.Trim()) : ("", "");
            if (reason.Length == 0) throw new FormatException($"{ExplainedPath}: no reason in '{line}'");
            var ends = range.Split('-').Select(int.Parse).ToArray();
            for (var frame = ends[0]; frame <= ends[^1]; frame++) frames.Add(frame);
        }
        return frames;
    }

    /// <summary>One line per frame: number, then name=value for every field that the frame has.</summary>
    public string Listing()
    {
        var text = new StringBuilder();
        foreach (var row in Tshark.Fields(Path, Fields))
        {
            text.Append(row[0]);
            for (var i = 0; i < Fields.Length; i++)
                if (row[i].Length > 0 && !Dropped.Contains(Fields[i])) text.Append(' ').Append(Fields[i]).Append('=').Append(row[i]);
            text.Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }
}
