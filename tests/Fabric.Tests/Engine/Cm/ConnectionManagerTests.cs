using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Fabric.Tests.Engine.Cm;

public class ConnectionManagerTests
{
    private const ushort Port = 7174;
    private readonly CmTestNet net = new();
    private readonly CmTestPeer client;
    private readonly CmTestPeer server;

    public ConnectionManagerTests() => (client, server) = (new(net.Client), new(net.Server));

    private static T Read<T>(byte[] mad) where T : struct, ICmMessage<T> => T.TryRead(mad.AsSpan(24), out var message) ? message : throw new InvalidOperationException();

    private T Last<T>() where T : struct, ICmMessage<T> =>
        Read<T>(net.Sent.Last(m => Is(m, T.Attribute)));

    private static bool Is(byte[] mad, CmAttribute attribute) => CmMad.TryReadHeader(mad, out _, out var a, out _) && a == attribute;

    private (ICmId Listener, ICmId Active, ICmId Passive) Connected()
    {
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal(CmEventType.Established, client.Types.Last());
        Assert.Equal(CmEventType.Established, server.Types.Last());
        return (listener, active, server.Ids.Last());
    }

    private void End(params ICmId[] ids)
    {
        foreach (var id in ids) id.Destroy();
        net.Run();
        net.AssertQuiescent();
    }

    [Fact]
    public void A_connection_lives_and_ends_and_leaves_nothing()
    {
        var (listener, active, _) = Connected();
        Assert.Equal(["REQ", "REP", "RTU"], net.Names);
        Assert.Equal([CmEventType.AddressResolved, CmEventType.RouteResolved, CmEventType.Established], client.Types);
        Assert.Equal([CmEventType.ConnectRequest, CmEventType.Established], server.Types);
        Assert.Equal("context", active.Context);
        client.Call(() => Assert.Null(active.Disconnect()));
        net.Settle();
        Assert.Equal(["REQ", "REP", "RTU", "DREQ", "DREP"], net.Names);
        Assert.Equal(CmEventType.Disconnected, client.Types.Last());
        End(listener);
    }

    [Fact]
    public void Both_queue_pairs_are_programmed_from_what_both_sides_said()
    {
        client.Parameters = new() { ResponderResources = 128, InitiatorDepth = 1, RetryCount = 5, RnrRetryCount = 6 };
        server.Parameters = new() { ResponderResources = 0, InitiatorDepth = 16, RnrRetryCount = 3 };
        var (listener, _, _) = Connected();
        var (a, b) = (net.Client.Qps.Single(), net.Server.Qps.Single());
        Assert.Equal([QpState.Init, QpState.ReadyToReceive, QpState.ReadyToSend], a.History);
        Assert.Equal([QpState.Init, QpState.ReadyToReceive, QpState.ReadyToSend], b.History);
        var (qa, qb) = (a.Query(), b.Query());
        Assert.Equal((b.Number, a.Number), (qa.DestinationQpn, qb.DestinationQpn));
        Assert.Equal((qa.SqPsn, qa.RqPsn), (qb.RqPsn, qb.SqPsn));
        Assert.Equal((PathMtu.Mtu1024, PathMtu.Mtu1024), (qa.PathMtu, qb.PathMtu));
        Assert.Equal((0, 16), (qa.MaxRdAtomic, qa.MaxDestRdAtomic));
        Assert.Equal((16, 0), (qb.MaxRdAtomic, qb.MaxDestRdAtomic));
        Assert.Equal((5, 3, 19), (qa.RetryCount, qa.RnrRetry, qa.Timeout));
        Assert.Equal((5, 6, 19), (qb.RetryCount, qb.RnrRetry, qb.Timeout));
        Assert.Equal(AccessFlags.RemoteWrite | AccessFlags.RemoteRead | AccessFlags.RemoteAtomic, qa.Access);
        Assert.Equal(AccessFlags.RemoteWrite, qb.Access);
        Assert.Equal((net.Client.Address, net.Server.Address), (qa.AddressVector.SourceGid, qa.AddressVector.DestinationGid));
        Assert.Equal((net.Server.Address, net.Client.Address), (qb.AddressVector.SourceGid, qb.AddressVector.DestinationGid));
        Assert.Equal(qa.AddressVector.FlowLabel, qb.AddressVector.FlowLabel);
        End([listener, .. client.Ids, .. server.Ids]);
    }

    /// <summary>The whole REQ of a Linux rping client, its own choices given, byte for byte (all but the transaction number).</summary>
    [Fact]
    public void The_request_is_that_of_linux()
    {
        const string Captured =
            "8c1090a6000000000000000001061c06505400fffe09000b00000000000000000000110100000001000000a0abb84fa7ffff37f0ffffffff" +
            "00000000000000000000ffff0a09000c00000000000000000000ffff0a09000bc42cc0000040009800000000000000000000000000000000" +
            "000000000000000000000000000000000000000000000000000000000040e87a0000000000000000000000000a09000c0000000000000000" +
            "000000000a09000b";
        server.Listen(Port);
        foreach (var value in (ulong[])[0xe87a - 32768, 0x8c1090a6, 0xabb84f]) net.Client.Draws.Enqueue(value);
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal(Captured, Convert.ToHexStringLower(net.Sent[0].AsSpan(24)).TrimEnd('0'));
        Assert.Equal(CmMad.Header(CmAttribute.Req, ConnectionManager.TransactionOf(0x8c1090a6)), MadHeader.TryRead(net.Sent[0], out var h) ? h : default);
    }

    /// <summary>The REP of a Linux rping server, likewise.</summary>
    [Fact]
    public void The_reply_is_that_of_linux()
    {
        const string Captured = "3355a1e28c1090a6000000000000210000000000b9bd2400010178e0505400fffe09000a";
        server.Listen(Port);
        foreach (var value in (ulong[])[0, 0x8c1090a6, 0xabb84f]) net.Client.Draws.Enqueue(value);
        foreach (var value in (ulong[])[0x3355a1e2, 0xb9bd24]) net.Server.Draws.Enqueue(value);
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal(Captured, Convert.ToHexStringLower(net.Sent[1].AsSpan(24)).TrimEnd('0'));
    }

    [Fact]
    public void Private_data_arrives_at_full_size_and_zero_padded()
    {
        byte[]? requestData = null;
        server.On = e =>
        {
            if (e.Type == CmEventType.ConnectRequest) requestData = e.PrivateData.ToArray();
            return false;
        };
        client.Parameters = new() { PrivateData = new byte[] { 0x80, 1, 2 } };
        server.Parameters = new() { PrivateData = new byte[] { 0xC0 } };
        var (listener, active, passive) = Connected();
        Assert.Equal((56, 0x80, 2, 0), (requestData!.Length, requestData[0], requestData[2], requestData[3..].Sum(b => b)));
        Assert.Equal((196, 0xC0, 0), (client.LastPrivateData.Length, client.LastPrivateData[0], client.LastPrivateData[1..].Sum(b => b)));
        Assert.Equal((passive.Local, passive.Remote.Address), (active.Remote, active.Local.Address));
        Assert.Equal(active.Local, passive.Remote);
        End(listener, active, passive);
    }

    [Fact]
    public void The_requests_parameters_are_told_from_the_receivers_side()
    {
        client.Parameters = new() { ResponderResources = 7, InitiatorDepth = 3, FlowControl = true, RetryCount = 4, RnrRetryCount = 2 };
        ConnectionParameters? seen = null;
        server.On = e =>
        {
            seen ??= e.Parameters;
            return false;
        };
        var (listener, active, passive) = Connected();
        Assert.Equal((3, 7, true, 4, 2), (seen!.ResponderResources, seen.InitiatorDepth, seen.FlowControl, seen.RetryCount, seen.RnrRetryCount));
        Assert.Equal(net.Client.Qps.Single().Number, seen.RemoteQpn);
        End(listener, active, passive);
    }

    [Fact]
    public void A_connection_over_ipv6_uses_the_ipv6_addresses()
    {
        var listener = server.Listen(Port);
        var active = client.Connect(Gid.Parse("fd00:9::11"), Port);
        net.Settle();
        Assert.Equal(CmEventType.Established, client.Types.Last());
        Assert.Equal(Gid.Parse("fd00:9::12"), active.Local.Address);
        Assert.True(RdmaCmHeader.TryRead(Read<CmReq>(net.Sent[0]).PrivateData, out var header));
        Assert.Equal((6, Gid.Parse("fd00:9::11")), (header.IpVersion, header.Destination));
        End([listener, active, .. server.Ids]);
    }

    /// <summary>Each datagram of a whole life is lost in turn, once: the same events come, only later.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_lost_message_is_made_good(int lost)
    {
        net.Lose = (n, _) => n == lost;
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        net.RunFor(Duration.FromSeconds(20));
        Assert.Equal(CmEventType.Established, client.Types.Last());
        Assert.Equal(CmEventType.Established, server.Types.Last());
        if (lost < 3) net.Lose = (_, _) => false;
        Assert.Null(active.Disconnect());
        net.RunFor(Duration.FromSeconds(20));
        Assert.Contains(CmEventType.Disconnected, client.Types);
        Assert.Contains(CmEventType.Disconnected, server.Types);
        End(listener);
    }

    [Fact]
    public void Data_before_the_ready_to_use_establishes_and_a_late_one_is_harmless()
    {
        net.Lose = (_, mad) => Is(mad, CmAttribute.Rtu);
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal(CmEventType.ConnectRequest, server.Types.Last());
        var passive = server.Ids.Single();
        server.Call(() => Assert.Null(passive.NotifyCommunicationEstablished()));
        net.Settle();
        Assert.Equal(CmEventType.Established, server.Types.Last());
        net.Inject(net.Server, net.Sent.Last()); // the RTU after all
        Assert.Null(passive.NotifyCommunicationEstablished());
        net.RunFor(Duration.FromSeconds(30));
        Assert.Equal(1, server.Types.Count(t => t == CmEventType.Established));
        Assert.Equal(["REQ", "REP", "RTU"], net.Names); // no retransmission of the REP
        End(listener, active, passive);
    }

    [Fact]
    public void A_reply_that_is_never_answered_makes_the_peer_unreachable()
    {
        net.Lose = (_, mad) => Is(mad, CmAttribute.Rtu);
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        net.RunFor(Duration.FromSeconds(100));
        Assert.Equal([(CmEventType.ConnectRequest, 0), (CmEventType.Unreachable, -110)], server.Events);
        Assert.Equal(16, net.Names.Count(n => n == "REP"));
        Assert.Equal((CmEventType.Disconnected, 0), client.Events.Last()); // told by the REJ
        End(listener);
    }

    [Fact]
    public void A_peer_that_never_answers_is_unreachable()
    {
        net.Lose = (_, _) => true;
        client.Connect(net.Server.Address, Port);
        net.Run();
        Assert.Equal((CmEventType.Unreachable, -110), client.Events.Last());
        Assert.Equal(16, net.Names.Count(n => n == "REQ"));
        net.AssertQuiescent();
    }

    [Fact]
    public void Without_a_listener_the_request_is_rejected_with_reason_8()
    {
        client.Connect(net.Server.Address, 9999);
        net.Run();
        Assert.Equal((CmEventType.Rejected, 8), client.Events.Last());
        Assert.Equal(148, client.LastPrivateData.Length);
        net.AssertQuiescent();
    }

    [Fact]
    public void A_consumers_refusal_carries_its_words()
    {
        server.On = e =>
        {
            if (e.Type == CmEventType.ConnectRequest)
            {
                Assert.Null(e.Id.Reject([0xC2, 9]));
                Assert.NotNull(e.Id.Reject([]));
                e.Id.Destroy();
            }
            return true;
        };
        var listener = server.Listen(Port);
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.Rejected, 28), client.Events.Last());
        Assert.Equal((148, 0xC2, 9), (client.LastPrivateData.Length, client.LastPrivateData[0], client.LastPrivateData[1]));
        Assert.Equal(QpState.Error, net.Client.Qps.Single().State);
        End(listener);
    }

    [Fact]
    public void Requests_beyond_the_backlog_are_dropped_and_succeed_when_repeated()
    {
        var waiting = new List<ICmId>();
        server.On = e =>
        {
            if (e.Type != CmEventType.ConnectRequest) return false;
            waiting.Add(e.Id);
            return true;
        };
        var listener = server.Listen(Port, backlog: 2);
        for (var i = 0; i < 3; i++) client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((2, 1L), (waiting.Count, net.Server.Manager.BacklogDrops));
        foreach (var id in waiting)
        {
            Assert.Null(id.CreateQueuePair(net.Server, server.Qp(PortSpace.Tcp)));
            Assert.Null(id.Accept(CmTestPeer.Defaults));
        }
        server.On = null;
        net.RunFor(Duration.FromSeconds(10));
        Assert.Equal(3, client.Types.Count(t => t == CmEventType.Established));
        Assert.Equal(3, server.Types.Count(t => t == CmEventType.Established));
        End([listener, .. client.Ids, .. server.Ids, .. waiting]);
    }

    [Fact]
    public void A_slow_consumer_is_waited_for()
    {
        ICmId? slow = null;
        server.On = e =>
        {
            if (e.Type != CmEventType.ConnectRequest) return false;
            slow = e.Id;
            return true;
        };
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        net.RunFor(Duration.FromSeconds(65));
        Assert.Equal(["REQ", "REQ", "MRA"], net.Names);
        Assert.Null(slow!.CreateQueuePair(net.Server, server.Qp(PortSpace.Tcp)));
        Assert.Null(slow.Accept(CmTestPeer.Defaults));
        net.Settle();
        Assert.Equal(CmEventType.Established, client.Types.Last());
        End(listener, active, slow);
    }

    [Fact]
    public void A_peer_that_gave_up_rejects_the_request_that_the_consumer_has_not_answered()
    {
        ICmId? waiting = null;
        server.On = e =>
        {
            if (e.Type == CmEventType.ConnectRequest) waiting = e.Id;
            return e.Type == CmEventType.ConnectRequest;
        };
        var listener = server.Listen(Port, 1);
        var active = client.Connect(net.Server.Address, Port);
        net.Settle();
        active.Destroy();
        Assert.Equal((CmRejReason.Timeout, CmMessageRef.Other, 0u), (Last<CmRej>().Reason, Last<CmRej>().Message, Last<CmRej>().RemoteCommId));
        net.Settle();
        Assert.Equal((CmEventType.Rejected, 4), server.Events.Last());
        Assert.NotNull(waiting!.Accept(CmTestPeer.Defaults));
        client.Connect(net.Server.Address, Port); // its place in the backlog is free again
        net.Settle();
        Assert.Equal(0, net.Server.Manager.BacklogDrops);
        End([listener, .. client.Ids, waiting]);
    }

    [Fact]
    public void When_accept_fails_the_peer_is_told()
    {
        net.Server.RefuseState = QpState.ReadyToSend;
        VerbsError? error = null;
        server.On = e =>
        {
            if (e.Type != CmEventType.ConnectRequest) return false;
            Assert.Null(e.Id.CreateQueuePair(net.Server, server.Qp(PortSpace.Tcp)));
            error = e.Id.Accept(CmTestPeer.Defaults);
            e.Id.Destroy();
            return true;
        };
        var listener = server.Listen(Port);
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal(VerbsErrorCode.InvalidState, error!.Code);
        Assert.Equal((CmEventType.Rejected, 28), client.Events.Last());
        End(listener);
    }

    [Fact]
    public void When_the_active_queue_pair_cannot_come_up_both_sides_learn_it()
    {
        net.Client.RefuseState = QpState.ReadyToReceive;
        var listener = server.Listen(Port);
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.ConnectError, -22), client.Events.Last());
        Assert.Equal((CmEventType.Rejected, 28), server.Events.Last());
        End(listener);
    }

    [Fact]
    public void A_restarted_peer_that_uses_the_same_queue_pair_number_finds_its_old_connection_stale()
    {
        var (listener, _, passive) = Connected();
        net.RebootClient();
        var reborn = new CmTestPeer(net.Client);
        reborn.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.Rejected, 10), reborn.Events.Last());
        Assert.Equal(["REQ", "REP", "RTU", "REQ", "REJ", "DREQ", "DREP"], net.Names); // as in the Linux capture srp-relogin
        Assert.Equal(CmEventType.Disconnected, server.Types.Last());
        // Until TIMEWAIT of the old connection ends, the number stays stale.
        net.RebootClient();
        reborn = new CmTestPeer(net.Client);
        reborn.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.Rejected, 10), reborn.Events.Last());
        net.RunFor(CodedTime.ToDuration(19));
        net.RebootClient();
        reborn = new CmTestPeer(net.Client);
        var third = reborn.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal(CmEventType.Established, reborn.Types.Last());
        End([listener, third, passive, .. server.Ids]);
    }

    [Fact]
    public void A_queue_pair_number_is_kept_until_timewait_ends()
    {
        var (listener, active, passive) = Connected();
        var number = net.Client.Qps.Single().Number;
        Assert.Contains(number, net.Client.Reserved);
        client.CleansUp = server.CleansUp = false;
        active.Disconnect();
        net.Settle();
        active.Destroy();
        passive.Destroy();
        Assert.True(net.Client.Qps.Single().IsDestroyed);
        Assert.Contains(number, net.Client.Reserved);
        net.RunFor(CodedTime.ToDuration(19) - new Duration(1));
        Assert.Contains(number, net.Client.Reserved);
        net.RunFor(new(1));
        Assert.Empty(net.Client.Reserved);
        Assert.Empty(net.Server.Reserved);
        End(listener);
    }

    [Fact]
    public void Timewait_exit_is_the_last_event()
    {
        var (listener, active, _) = Connected();
        client.CleansUp = server.CleansUp = false;
        active.Disconnect();
        net.Run();
        Assert.Equal([CmEventType.Disconnected, CmEventType.TimewaitExit], client.Types.TakeLast(2));
        Assert.Equal([CmEventType.Disconnected, CmEventType.TimewaitExit], server.Types.TakeLast(2));
        Assert.All(net.Client.Qps.Concat(net.Server.Qps), qp => Assert.Equal(QpState.Error, qp.State));
        End([listener, active, .. server.Ids]);
    }

    [Fact]
    public void Crossing_disconnects_end_at_once_on_both_sides()
    {
        var (listener, active, passive) = Connected();
        net.Frozen = true;
        active.Disconnect();
        passive.Disconnect();
        active.Disconnect();
        net.Frozen = false;
        var start = net.Now;
        net.Settle();
        Assert.Equal(start, net.Now);
        Assert.Equal(["DREQ", "DREQ", "DREP", "DREP"], net.Names[3..]);
        Assert.Equal(1, client.Types.Count(t => t == CmEventType.Disconnected));
        Assert.Equal(1, server.Types.Count(t => t == CmEventType.Disconnected));
        End(listener);
    }

    [Fact]
    public void A_lost_disconnect_reply_is_sent_again()
    {
        var (listener, active, _) = Connected();
        var dropped = false;
        net.Lose = (_, mad) => Is(mad, CmAttribute.Drep) && !dropped && (dropped = true);
        active.Disconnect();
        net.RunFor(Duration.FromSeconds(8));
        Assert.Equal(["DREQ", "DREP", "DREQ", "DREP"], net.Names[3..]);
        Assert.Equal((CmEventType.Disconnected, 0), client.Events.Last(e => e.Type == CmEventType.Disconnected));
        End(listener);
    }

    [Fact]
    public void What_belongs_to_no_connection_is_answered_as_specified()
    {
        var (listener, active, passive) = Connected();
        var count = net.Sent.Count;
        void Inject<T>(T message) where T : struct, ICmMessage<T>
        {
            var mad = new byte[256];
            CmMad.Write(mad, 99, message);
            net.Inject(net.Server, mad);
        }

        Inject(new CmDreq { LocalCommId = 5, RemoteCommId = 6, RemoteQpn = new(7) });
        Assert.Equal((6u, 5u), (Last<CmDrep>().LocalCommId, Last<CmDrep>().RemoteCommId));
        Inject(new CmRep { LocalCommId = 5, RemoteCommId = 6 });
        Assert.Equal((CmRejReason.InvalidCommId, CmMessageRef.Rep, 5u), (Last<CmRej>().Reason, Last<CmRej>().Message, Last<CmRej>().RemoteCommId));
        Assert.Equal(count + 2, net.Sent.Count);
        Inject(new CmRtu { LocalCommId = 5, RemoteCommId = 6 });
        Inject(new CmDrep { LocalCommId = 5, RemoteCommId = 6 });
        Inject(new CmMra { LocalCommId = 5, RemoteCommId = 6 });
        Inject(new CmRej { LocalCommId = 5, RemoteCommId = 6 });
        Inject(new CmDreq { LocalCommId = Read<CmReq>(net.Sent[0]).LocalCommId, RemoteCommId = Read<CmRep>(net.Sent[1]).LocalCommId, RemoteQpn = new(0x999) });
        Assert.Equal(count + 2, net.Sent.Count);
        Assert.Equal(CmState.Established, ((CmId)passive).ConnectionState);
        net.Settle();
        End(listener, active, passive);
    }

    [Theory]
    [InlineData("duplicate comm id", CmRejReason.DuplicateLocalCommId)]
    [InlineData("service", CmRejReason.InvalidServiceId)]
    [InlineData("ib service", CmRejReason.InvalidServiceId)]
    [InlineData("gid", CmRejReason.InvalidPrimaryGid)]
    [InlineData("mtu", CmRejReason.InvalidMtu)]
    [InlineData("no mtu", CmRejReason.InvalidMtu)]
    [InlineData("transport", CmRejReason.InvalidTransportType)]
    [InlineData("header", CmRejReason.ConsumerDefined)]
    [InlineData("ip version", CmRejReason.ConsumerDefined)]
    [InlineData("class version", CmRejReason.InvalidClassVersion)]
    [InlineData("zero comm id", CmRejReason.InvalidCommId)]
    public void A_bad_request_is_rejected_with_its_reason(string what, CmRejReason expected)
    {
        var (listener, active, passive) = Connected();
        var good = Read<CmReq>(net.Sent[0]);
        RdmaCmHeader.TryRead(good.PrivateData, out var header);
        var fresh = good with { LocalCommId = good.LocalCommId + 1, LocalQpn = new(0x777) };
        var bad = what switch
        {
            "duplicate comm id" => good with { LocalQpn = new(0x777) },
            "service" => fresh with { ServiceId = ServiceId.For(PortSpace.Tcp, 1) },
            "ib service" => fresh with { ServiceId = new(0x5054_00ff_fe09_000a) },
            "gid" => fresh with { PrimaryRemoteGid = Gid.Parse("10.9.0.99") },
            "mtu" => fresh with { PathMtu = PathMtu.Mtu4096 },
            "no mtu" => fresh with { PathMtu = 0 },
            "transport" => fresh with { TransportType = CmTransport.Uc },
            "header" => WithHeader(fresh, header with { Version = 1 }),
            "ip version" => WithHeader(fresh, header with { IpVersion = 5 }),
            "zero comm id" => fresh with { LocalCommId = 0 },
            _ => fresh,
        };
        var mad = new byte[256];
        CmMad.Write(mad, 77, bad);
        if (what == "class version") mad[2] = 3;
        net.Inject(net.Server, mad);
        var rej = Last<CmRej>();
        Assert.Equal((expected, bad.LocalCommId, CmMessageRef.Req), (rej.Reason, rej.RemoteCommId, rej.Message));
        if (what == "gid") Assert.Equal(net.Server.Address, Gid.Read(rej.Info));
        Assert.Equal(1, server.Types.Count(t => t == CmEventType.ConnectRequest));
        net.Settle();
        End(listener, active, passive);

        static CmReq WithHeader(CmReq req, RdmaCmHeader header)
        {
            Span<byte> data = stackalloc byte[RdmaCmHeader.Length];
            header.Write(data);
            return req.WithPrivateData(data);
        }
    }

    [Fact]
    public void Repeated_requests_make_one_connection()
    {
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        net.Settle();
        for (var i = 0; i < 3; i++) net.Inject(net.Server, net.Sent[0]);
        net.Inject(net.Client, net.Sent[1], net.Server);
        net.Settle();
        Assert.Equal(["REQ", "REP", "RTU", "RTU"], net.Names);
        Assert.Single(server.Ids);
        End([listener, active, .. server.Ids]);
    }

    [Fact]
    public void Destroyed_ids_get_no_events_and_leave_nothing()
    {
        var listener = server.Listen(Port);
        var active = client.Connect(net.Server.Address, Port);
        active.Destroy(); // with AddressResolved waiting
        active.Destroy();
        net.Settle();
        Assert.Empty(client.Events);
        Assert.NotNull(active.Connect(CmTestPeer.Defaults));
        Assert.NotNull(active.Bind(default));
        Assert.NotNull(active.Disconnect());
        End(listener);
    }

    [Fact]
    public void A_listener_that_goes_away_refuses_what_nobody_has_seen()
    {
        var listener = server.Listen(Port);
        client.Connect(net.Server.Address, Port);
        while (net.Sent.Count == 0) net.Step(net.Now);
        while (net.Server.Lanes.Count == 0) net.Step(net.Now);
        listener.Destroy();
        net.Settle();
        Assert.Empty(server.Events);
        Assert.Equal((CmEventType.Rejected, 28), client.Events.Last());
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.Rejected, 8), client.Events.Last());
        End();
    }

    [Fact]
    public void An_id_can_be_destroyed_at_every_step()
    {
        for (var side = 0; side < 2; side++)
        for (var step = 0; step < 24; step++)
        {
            var world = new CmTestNet(step);
            var (c, s) = (new CmTestPeer(world.Client), new CmTestPeer(world.Server));
            var listener = s.Listen(Port);
            var active = c.Connect(world.Server.Address, Port);
            for (var i = 0; i < step; i++)
            {
                if (i == 12) active.Disconnect();
                world.Step(world.Now);
            }
            if (side == 0) active.Destroy();
            else
            {
                listener.Destroy();
                foreach (var id in s.Ids) id.Destroy();
            }
            world.Run();
            foreach (var id in c.Ids.Concat(s.Ids)) id.Destroy();
            listener.Destroy();
            world.Run();
            world.AssertQuiescent();
        }
    }

    [Fact]
    public void Addresses_and_ports_are_checked()
    {
        var listener = server.Listen(Port);
        var other = net.Server.Manager.CreateId(PortSpace.Tcp, server);
        Assert.Equal(VerbsErrorCode.AddressInUse, other.Bind(new(default, Port))!.Code);
        Assert.Equal(VerbsErrorCode.AddressInUse, other.Bind(new(net.Server.Address, Port))!.Code);
        Assert.Equal(VerbsErrorCode.NotFound, other.Bind(new(Gid.Parse("10.1.1.1"), 1))!.Code);
        Assert.Null(other.Bind(new(net.Server.Address, 5)));
        Assert.Equal(VerbsErrorCode.InvalidState, other.Bind(new(net.Server.Address, 6))!.Code);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, other.Listen(0)!.Code);
        var same = net.Server.Manager.CreateId(PortSpace.Tcp, server);
        Assert.Null(same.Bind(new(Gid.Parse("fd00:9::11"), 5))); // another address of the same port
        var udp = net.Server.Manager.CreateId(PortSpace.Udp, server);
        Assert.Null(udp.Bind(new(default, Port))); // another port space
        Assert.Equal(VerbsErrorCode.Unreachable, NoFamily().Code);
        Assert.Throws<VerbsException>(() => net.Server.Manager.CreateId(PortSpace.IPoIB, server));
        End(listener, other, same, udp);

        VerbsError NoFamily() => other.ResolveAddress(new(Gid.Parse("fd00:9::99"), 1), Duration.FromSeconds(1))!;
    }

    [Fact]
    public void An_unreachable_or_silent_neighbor_is_an_address_error()
    {
        net.Client.Reachable = false;
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.AddressError, -113), client.Events.Last());
        net.Client.AnswerNeighbors = false;
        client.Connect(net.Server.Address, Port);
        net.Run();
        Assert.Equal((CmEventType.AddressError, -110), client.Events.Last());
        net.AssertQuiescent();
    }

    [Fact]
    public void Calls_out_of_order_are_refused()
    {
        var id = net.Client.Manager.CreateId(PortSpace.Tcp, client);
        Assert.Equal(VerbsErrorCode.InvalidState, id.ResolveRoute(Duration.Zero)!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.Connect(CmTestPeer.Defaults)!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.Accept(CmTestPeer.Defaults)!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.Reject([])!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.Disconnect()!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.NotifyCommunicationEstablished()!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.CreateQueuePair(net.Client, client.Qp(PortSpace.Tcp))!.Code);
        End(id);
    }

    [Fact]
    public void Too_much_private_data_is_refused()
    {
        client.On = e =>
        {
            if (e.Type != CmEventType.RouteResolved) return false;
            Assert.NotNull(e.Id.Connect(CmTestPeer.Defaults)); // no QP
            Assert.Equal(VerbsErrorCode.InvalidAttribute, e.Id.CreateQueuePair(net.Client, client.Qp(PortSpace.Udp))!.Code);
            Assert.Null(e.Id.CreateQueuePair(net.Client, client.Qp(PortSpace.Tcp)));
            Assert.Equal(VerbsErrorCode.InvalidAttribute, e.Id.Connect(new() { PrivateData = new byte[57] })!.Code);
            Assert.Null(e.Id.Connect(new() { PrivateData = new byte[56] }));
            return true;
        };
        server.On = e =>
        {
            if (e.Type != CmEventType.ConnectRequest) return false;
            Assert.Equal(VerbsErrorCode.InvalidAttribute, e.Id.Reject(new byte[149])!.Code);
            Assert.Equal(VerbsErrorCode.InvalidAttribute, e.Id.Accept(new() { PrivateData = new byte[197] })!.Code);
            Assert.Equal(VerbsErrorCode.InvalidState, e.Id.Accept(CmTestPeer.Defaults)!.Code); // no QP
            Assert.Null(e.Id.Reject(new byte[148]));
            e.Id.Destroy();
            return true;
        };
        var listener = server.Listen(Port);
        client.Connect(net.Server.Address, Port);
        net.Settle();
        Assert.Equal((CmEventType.Rejected, 28), client.Events.Last());
        End(listener);
    }

    [Fact]
    public void A_datagram_service_is_resolved()
    {
        server.Parameters = new() { PrivateData = new byte[] { 5 } };
        var listener = server.Listen(Port, space: PortSpace.Udp);
        var active = client.Connect(net.Server.Address, Port, PortSpace.Udp);
        net.Settle();
        Assert.Equal(["SIDR_REQ", "SIDR_REP"], net.Names);
        var e = client.LastEvent;
        Assert.Equal((CmEventType.Established, net.Server.Qps.Single().Number, QKey.RdmaUdp), (e.Type, e.DatagramQpn, e.DatagramQKey));
        Assert.Equal((136, 5), (client.LastPrivateData.Length, client.LastPrivateData[0]));
        Assert.Equal(QpState.ReadyToSend, net.Client.Qps.Single().State);
        net.Inject(net.Server, net.Sent[0]); // the answer was lost: asked again, answered alike
        Assert.Equal(net.Sent[1], net.Sent[2]);
        Assert.Single(server.Ids);
        net.Settle();
        End([listener, active, .. server.Ids]);
    }

    [Fact]
    public void A_datagram_service_can_be_missing_refused_or_silent()
    {
        client.Connect(net.Server.Address, Port, PortSpace.Udp);
        net.Settle();
        Assert.Equal((CmEventType.Unreachable, (int)CmSidrStatus.ServiceIdNotSupported), client.Events.Last());
        var listener = server.Listen(Port, space: PortSpace.Udp);
        server.On = e =>
        {
            Assert.Null(e.Id.Reject([]));
            e.Id.Destroy();
            return true;
        };
        client.Connect(net.Server.Address, Port, PortSpace.Udp);
        net.Settle();
        Assert.Equal((CmEventType.Unreachable, (int)CmSidrStatus.RejectedByServiceProvider), client.Events.Last());
        net.Lose = (_, _) => true;
        client.Connect(net.Server.Address, Port, PortSpace.Udp);
        net.Run();
        Assert.Equal((CmEventType.Unreachable, -110), client.Events.Last());
        End(listener);
    }

    [Fact]
    public void A_thousand_connections_leave_nothing_and_cost_little()
    {
        var listener = server.Listen(Port);
        for (var i = 0; i < 50; i++) Cycle();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Cycle();
        // Both sides, with the fakes of this test (copies of datagrams, lists, lambdas): the manager's own share is about a third.
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.True(bytes < 40_000, $"{bytes} bytes per connection");
        End(listener);

        void Cycle()
        {
            var id = client.Connect(net.Server.Address, Port);
            net.Settle();
            id.Disconnect();
            net.Run();
            foreach (var node in (CmTestNode[])[net.Client, net.Server])
            {
                node.Timers.Clear();
                node.Qps.Clear();
            }
            net.Sent.Clear();
            client.Ids.Clear();
            client.Events.Clear();
            server.Ids.Clear();
            server.Events.Clear();
        }
    }
}
