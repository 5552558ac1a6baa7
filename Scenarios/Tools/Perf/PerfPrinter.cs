using System.Globalization;
using Weft.Fabric.Verbs;
using Weft.Protocol.Tools;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>Prints a run in perftest's form: what is tested, both sides' queue pairs, a header, and a line for each size.</summary>
internal sealed class PerfPrinter(PerfOptions options, string deviceName)
{
    private const string Line = "---------------------------------------------------------------------------------------";

    public void Waiting() => Out.Line("\n************************************\n* Waiting for client to connect... *\n************************************");

    public void Test(PathMtu mtu)
    {
        Out.Line(Line);
        var verb = options.Verb switch
        {
            PerfVerb.Send => "Send",
            PerfVerb.Write => "RDMA_Write",
            PerfVerb.Read => "RDMA_Read",
            _ => options.IsCompareSwap ? "Atomic CMP_AND_SWAP" : "Atomic FETCH_AND_ADD",
        };
        Out.Line($"                    {verb} {(options.IsLatency ? "Latency" : options.IsBidirectional ? "Bidirectional BW" : "BW")} Test");
        if (options.UseEvents) Out.Line($" Test with events. Using {deviceName}_comp0");
        Out.Line($" Dual-port       : OFF\t\tDevice         : {deviceName}");
        Out.Line($" Number of qps   : {options.QueuePairs}\t\tTransport type : IB");
        var transport = options.Transport switch { QpType.ReliableConnected => "RC", QpType.UnreliableConnected => "UC", _ => "UD" };
        Out.Line($" Connection type : {transport}\t\tUsing SRQ      : OFF");
        Out.Line(" PCIe relax order: Unsupported");
        Out.Line(" ibv_wr* API     : OFF");
        if (options.IsClient || options.IsBidirectional) Out.Line($" TX depth        : {options.TransmitDepth}");
        if (options.Verb == PerfVerb.Send && (!options.IsClient || options.IsBidirectional)) Out.Line($" RX depth        : {options.ReceiveDepth}");
        if (!options.IsLatency) Out.Line($" CQ Moderation   : {options.CqModeration}");
        Out.Line($" Mtu             : {mtu.Bytes()}[B]");
        Out.Line(" Link type       : Ethernet");
        Out.Line($" GID index       : {options.GidIndex}");
        Out.Line(options.HasReads ? $" Outstand reads  : {options.OutstandingReads}" : " Max inline data : 0[B]");
        Out.Line($" rdma_cm QPs\t : {(options.UseCm ? "ON" : "OFF")}");
        Out.Line($" Data ex. method : {(options.UseCm ? "rdma_cm" : "Ethernet")}");
        Out.Line(Line);
    }

    public void Address(string side, in PerftestKeys keys)
    {
        var text = $" {side} address: LID {keys.Lid.Value:x4} QPN 0x{keys.Qpn.Value:x4} PSN 0x{keys.Psn.Value:x4}";
        if (options.HasReads) text += $" OUT 0x{keys.OutstandingReads:x2}";
        if (options.Verb != PerfVerb.Send) text += $" RKey 0x{keys.Key.Value:x6} VAddr 0x{keys.Address:x14}";
        Out.Line(text);
        var gid = new byte[Gid.Length];
        keys.Gid.Write(gid);
        Out.Line(" GID: " + string.Join(':', gid.Select(b => b.ToString("d2", CultureInfo.InvariantCulture))));
    }

    public void Header()
    {
        Out.Line(Line);
        Out.Line(!options.IsLatency
            ? options.InGigabits
                ? " #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]"
                : " #bytes     #iterations    BW peak[MB/sec]    BW average[MB/sec]   MsgRate[Mpps]"
            : options.Seconds > 0
                ? " #bytes        #iterations       t_avg[usec]    tps average"
                : " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]    t_stdev[usec]   99% percentile[usec]   99.9% percentile[usec] ");
    }

    public static void Row(PerfReport report) =>
        Out.Line($" {report.Size,-7}    {report.Iterations,-10}       {Real(report.Peak)}            {Real(report.Average)}\t\t   {Real(report.MessageRate, "f6")}");

    public void Row(LatencyReport report) => Out.Line(options.Seconds > 0
        ? $" {report.Size,-7}       {report.Iterations}            {Real(report.Average)}        {Real(report.PerSecond)}"
        : $" {report.Size,-7} {report.Iterations}          {Real(report.Least)}        {Real(report.Most)}      {Real(report.Typical)}  \t       {Real(report.Average)}     \t"
            + $"{Real(report.Deviation)}\t\t{Real(report.Percentile99)} \t\t{Real(report.Percentile999)}");

    public static void End() => Out.Line(Line);

    private static string Real(double value, string format = "f2") => value.ToString(format, CultureInfo.InvariantCulture).PadRight(7);
}
