using System.Text;
using Weft.Fabric.Sim.Subnet.Topologies;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>
/// Plays a recorded session again on a new subnet of the same topology, and compares every datagram that goes out with the one that went
/// out then. Stops at the first difference.
/// </summary>
public sealed class SessionReplay : IUmadTransport
{
    private readonly Queue<(SessionRecordKind Kind, int Client, byte[] Data)> sent = new();
    private ReadOnlyMemory<byte> rest;
    private UmadServer? server;
    private SubnetConsole? console;

    private SessionReplay(ReadOnlyMemory<byte> file) => rest = file;

    /// <summary>The subnet as the session left it, observed by nobody; null when the file is unreadable.</summary>
    public IbSubnet? Subnet { get; private set; }
    /// <summary>Inputs played.</summary>
    public int Inputs { get; private set; }
    /// <summary>Answers and other datagrams that were the same as then.</summary>
    public int Outputs { get; private set; }
    /// <summary>What is wrong with the file, or where the replay left the recording; null: nothing.</summary>
    public string? Problem { get; private set; }
    /// <summary>Whether the file itself is at fault.</summary>
    public bool IsUnreadable { get; private set; }

    public static SessionReplay Run(ReadOnlyMemory<byte> file)
    {
        var replay = new SessionReplay(file);
        if (!file.Span.StartsWith(SessionRecord.Magic)) replay.Unreadable("it is not a recording of weft subnet serve");
        else
        {
            replay.rest = file[SessionRecord.Magic.Length..];
            replay.Play();
            if (replay.Subnet is { } left) left.Observer = null;
        }
        return replay;
    }

    private void Unreadable(string why) => (Problem, IsUnreadable) = (why, true);

    private void Play()
    {
        if (!TryBegin()) return;
        while (!rest.IsEmpty)
        {
            if (!SessionRecord.TryTake(ref rest, out var record))
            {
                Unreadable($"it is damaged or cut behind input {Inputs}");
                return;
            }
            if (record.Kind is SessionRecordKind.ControlOut or SessionRecordKind.DataOut)
            {
                if (!Compare(record)) return;
                continue;
            }
            if (sent.TryPeek(out var extra))
            {
                Problem = $"input {Inputs}: the replay sends client {extra.Client} a {extra.Kind} that is not in the recording";
                return;
            }
            Inputs++;
            Feed(record);
        }
        if (sent.Count > 0) Problem = $"input {Inputs}: the replay sends {sent.Count} datagrams more than the recording has";
    }

    private bool TryBegin()
    {
        if (!SessionRecord.TryTake(ref rest, out var first) || first.Kind != SessionRecordKind.Topology)
        {
            Unreadable("it does not begin with a topology");
            return false;
        }
        if (!TopologyReader.TryRead(Encoding.UTF8.GetString(first.Data.Span), out var subnet, out var error))
        {
            Unreadable($"its topology, {error}");
            return false;
        }
        Subnet = subnet;
        SubnetPort? port = null;
        var ahead = rest;
        if (SessionRecord.TryTake(ref ahead, out var second) && second.Kind == SessionRecordKind.DefaultPort)
        {
            rest = ahead;
            port = PortName.Find(subnet, Encoding.UTF8.GetString(second.Data.Span));
        }
        server = new(subnet, this) { DefaultPort = port };
        console = new(subnet, server);
        return true;
    }

    private void Feed(in SessionRecord record)
    {
        var data = record.Data.ToArray();
        switch (record.Kind)
        {
            case SessionRecordKind.ControlIn:
                if (server!.HandleControl(data, record.Time)) sent.Enqueue((SessionRecordKind.ControlOut, 0, data));
                break;
            case SessionRecordKind.DataIn:
                server!.HandleData(record.Client, data, record.Time);
                break;
            case SessionRecordKind.Command:
                console!.Execute(Encoding.UTF8.GetString(data), record.Time, out _);
                break;
            case SessionRecordKind.Time:
                server!.SendNotices(record.Time);
                break;
            case SessionRecordKind.Gone:
                server!.Release(record.Client, record.Time);
                break;
        }
    }

    private bool Compare(in SessionRecord record)
    {
        if (!sent.TryDequeue(out var own))
        {
            Problem = $"input {Inputs}: the recording sends client {record.Client} a {record.Kind}, the replay nothing";
            return false;
        }
        if (own.Kind != record.Kind || own.Client != record.Client || !record.Data.Span.SequenceEqual(own.Data))
        {
            var at = record.Data.Span.CommonPrefixLength(own.Data);
            Problem = $"input {Inputs}: {record.Kind} to client {record.Client} differs from the recording at byte {at}";
            return false;
        }
        Outputs++;
        return true;
    }

    bool IUmadTransport.Connect(int client, uint id) => true;

    void IUmadTransport.Release(int client)
    {
    }

    void IUmadTransport.Send(int client, ReadOnlySpan<byte> datagram) => sent.Enqueue((SessionRecordKind.DataOut, client, datagram.ToArray()));
}
