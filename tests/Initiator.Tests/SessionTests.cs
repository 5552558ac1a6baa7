using System.Text;

namespace Weft.Initiator.Tests;

public sealed class SessionTests
{
    [Fact]
    public void A_login_posts_one_large_receive_then_all_small_ones_before_its_final_request() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        Assert.Equal(SessionState.LoggedIn, session.State);
        var login = lab.Target.Log[0];
        Assert.Equal(IscsiOpcode.LoginRequest, login.Opcode);
        Assert.Equal("InitiatorName=iqn.2024-01.lab:me\0TargetName=iqn.2024-01.lab:t1\0SessionType=Normal\0"
            + "DefaultTime2Wait=2\0DefaultTime2Retain=0\0IFMarker=No\0OFMarker=No\0ErrorRecoveryLevel=0\0InitialR2T=No\0ImmediateData=Yes\0"
            + "MaxBurstLength=16776192\0FirstBurstLength=262144\0MaxOutstandingR2T=1\0MaxConnections=1\0DataPDUInOrder=Yes\0DataSequenceInOrder=Yes\0"
            + "InitiatorRecvDataSegmentLength=262144\0TargetRecvDataSegmentLength=8192\0RDMAExtensions=Yes\0", Encoding.UTF8.GetString(login.Data));
        Assert.Equal(0, (login.Bytes.Length - IserMessage.HeadersLength) % 4); // padded
        Assert.All(lab.Target.Pair.ReceiveLengths, length => Assert.Equal(28u + 48 + 128, length));
        Assert.True(lab.Target.Pair.PostedReceives >= 128);
        var asked = lab.Target.Id!.Asked!;
        Assert.Equal(new byte[] { 0x80, 0, 0, 0 }, asked.PrivateData.ToArray());
        Assert.Equal((128, 1, 7, 6), (asked.ResponderResources, asked.InitiatorDepth, asked.RetryCount, asked.RnrRetryCount));
    });

    [Fact]
    public void Discovery_lists_targets_and_logs_out() => Lab.Run(async lab =>
    {
        lab.Target.Targets = "TargetName=iqn.a\0TargetAddress=10.9.0.11:3260,1\0TargetAddress=[fd00:9::11]:3261,2\0TargetName=iqn.b\0";
        var found = await lab.Host.DiscoverAsync(Lab.Portal);
        Assert.Equal(["10.9.0.11:3260,1 iqn.a", "[fd00:9::11]:3261,2 iqn.a", "10.9.0.11:3260,-1 iqn.b"], found.Select(t => t.ToString()));
        Assert.Equal([IscsiOpcode.LoginRequest, IscsiOpcode.TextRequest, IscsiOpcode.LogoutRequest], lab.Target.Log.Select(r => r.Opcode));
        Assert.DoesNotContain("RDMAExtensions", Encoding.UTF8.GetString(lab.Target.Log[0].Data));
        Assert.Equal(default, lab.Device.Resources);
    });

    [Fact]
    public void A_read_gives_its_key_to_the_target_which_takes_it_back_with_the_response() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var keys = new List<RKey>();
        lab.Target.OnCommand = request =>
        {
            keys.Add(request.Iser.ReadStag);
            Assert.Equal(IserFlags.Control | IserFlags.ReadStagValid, request.Iser.Flags);
            lab.Target.Write(request, Enumerable.Repeat((byte)0x5A, 512).ToArray());
            lab.Target.Respond(request);
        };
        var disk = session.OpenDisk(0);
        for (var i = 0; i < 3; i++)
        {
            var data = new byte[512];
            Assert.True((await disk.ExecuteAsync(Cdb.Read10(9, 1), data)).IsGood);
            Assert.All(data, b => Assert.Equal(0x5A, b));
        }
        Assert.Equal(3, keys.Distinct().Count()); // no key is used twice
        Assert.Single(keys.Select(k => k.Value >> 8).Distinct());
    });

    [Fact]
    public void Without_remote_invalidation_the_key_is_taken_back_before_the_buffer_is() => Lab.Run(async lab =>
    {
        lab.Device.PeerFlags = 0xC0;
        var session = await lab.LoginAsync();
        var command = Lab.Read(new byte[512]);
        RKey key = default;
        lab.Target.OnCommand = request =>
        {
            key = request.Iser.ReadStag;
            lab.Target.Pair.HoldsSends = true; // the invalidate does not complete
            lab.Target.Respond(request);
        };
        session.Submit(command);
        await lab.Delay(1);
        Assert.True(command.IsBusy);
        lab.Target.Pair.ReleaseSends();
        lab.Target.Pair.HoldsSends = false;
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.True(command.IsGood);
        Assert.Throws<InvalidOperationException>(() => { lab.Device.Open(key.Value, 0, 0, AccessFlags.None); });
    });

    [Fact]
    public void A_response_before_the_completion_of_its_own_send_does_not_end_the_command() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        lab.Target.Pair.HoldsSends = true;
        var command = Lab.Read(new byte[512]);
        session.Submit(command);
        await lab.Delay(1);
        Assert.True(command.IsBusy);
        lab.Target.Pair.HoldsSends = false;
        lab.Target.Pair.ReleaseSends();
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.True(command.IsGood);
    });

    [Theory]
    [InlineData(false)] // not agreed on
    [InlineData(true)]  // agreed on, but another key
    public void A_wrong_invalidation_drops_the_connection(bool agreed) => Lab.Run(async lab =>
    {
        lab.Device.PeerFlags = (byte)(agreed ? 0x80 : 0xC0);
        var session = await lab.LoginAsync();
        var ended = new List<DiskCommand>();
        var requests = new List<Request>();
        lab.Target.OnCommand = requests.Add;
        session.Submit(Lab.Read(new byte[512], ended));
        session.Submit(Lab.Read(new byte[512], ended));
        await lab.Delay(1);
        lab.Target.Respond(requests[0], key: requests[agreed ? 1 : 0].Iser.ReadStag);
        await lab.World.Until(() => ended.Count == 2, "both to end");
        Assert.All(ended, c => Assert.Equal(CommandOutcome.TransportDisrupted, c.Outcome));
        Assert.Contains("taken back", session.LastProblem);
        await lab.World.Until(() => session.State == SessionState.LoggedIn, "the next login");
    });

    [Theory]
    [InlineData("InitialR2T=Yes\0ImmediateData=No\0", 0, 0)]
    [InlineData("InitialR2T=Yes\0ImmediateData=Yes\0", 8192, 0)]
    [InlineData("InitialR2T=No\0ImmediateData=Yes\0", 8192, 12288)]
    [InlineData("InitialR2T=No\0ImmediateData=No\0", 0, 20480)]
    public void A_write_sends_what_was_agreed_and_offers_the_rest_behind_it(string answer, int immediate, int unsolicited) => Lab.Run(async lab =>
    {
        lab.Target.LoginAnswer = $"TargetPortalGroupTag=1\0{answer}FirstBurstLength=20480\0MaxBurstLength=262144\0RDMAExtensions=Yes\0TargetRecvDataSegmentLength=8192\0";
        var session = await lab.LoginAsync();
        var data = Enumerable.Range(0, 65536).Select(i => (byte)(i * 7 + i / 251)).ToArray();
        var received = new List<byte>();
        Request? command = null;
        void Rest()
        {
            received.AddRange(lab.Target.Fetch(command!, 65536 - immediate - unsolicited));
            lab.Target.Respond(command!);
        }
        lab.Target.OnCommand = request =>
        {
            command = request;
            Assert.Equal(immediate, request.Bhs.DataSegmentLength);
            Assert.Equal(unsolicited == 0, request.Bhs.Final);
            received.AddRange(request.Data);
            if (unsolicited == 0) Rest();
        };
        uint dataSn = 0;
        lab.Target.OnDataOut = request =>
        {
            Assert.True(Pdu.TryView(request.Bhs, out DataOutPdu pdu));
            Assert.Equal((dataSn++, (uint)received.Count), (pdu.DataSn, pdu.BufferOffset));
            Assert.True(pdu.TargetTransferTag.IsReserved && pdu.InitiatorTaskTag == command!.Bhs.InitiatorTaskTag);
            received.AddRange(request.Data);
            if (pdu.Final) Rest();
        };
        Assert.True((await session.OpenDisk(0).ExecuteAsync(Cdb.Write10(0, 128), data)).IsGood);
        Assert.Equal(data, received);
        // a short one goes without a key
        lab.Target.OnCommand = request =>
        {
            Assert.Equal(immediate == 0 && unsolicited == 0, request.Iser.HasWriteStag);
            command = request;
            if (request.Bhs.Final) lab.Target.Respond(request);
        };
        lab.Target.OnDataOut = request => lab.Target.Respond(command!);
        for (var i = 0; i < 3; i++) Assert.True((await session.OpenDisk(0).ExecuteAsync(Cdb.Write10(0, 1), data.AsMemory(0, 512))).IsGood);
    });

    [Fact]
    public void Commands_wait_while_the_window_is_closed() => Lab.Run(async lab =>
    {
        lab.Target.Window = 2;
        var session = await lab.LoginAsync();
        var held = new List<Request>();
        lab.Target.OnCommand = held.Add;
        var ended = new List<DiskCommand>();
        for (var i = 0; i < 5; i++) session.Submit(Lab.Read(new byte[512], ended));
        await lab.Delay(0.1);
        Assert.Equal((2, 2, 3), (held.Count, session.RunningCommands, session.WaitingCommands));
        lab.Target.Window = 3; // moves by a NOP-In alone
        lab.Target.ExpCmdSn = 2;
        lab.Target.Nop();
        await lab.Delay(0.1);
        Assert.Equal(5, held.Count);
        foreach (var request in held) lab.Target.Respond(request);
        await lab.World.Until(() => ended.Count == 5, "all to end");
        Assert.All(ended, c => Assert.True(c.IsGood));
    });

    [Fact]
    public void The_task_table_bounds_what_is_under_way() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { MaxCommands = 4 });
        var held = new Queue<Request>();
        lab.Target.OnCommand = held.Enqueue;
        var ended = new List<DiskCommand>();
        for (var i = 0; i < 20; i++) session.Submit(Lab.Read(new byte[512], ended));
        for (var i = 0; i < 20; i++)
        {
            await lab.World.Until(() => held.Count > 0, "a command");
            Assert.True(held.Count <= 4);
            lab.Target.Respond(held.Dequeue());
        }
        await lab.World.Until(() => ended.Count == 20, "all to end");
        var tags = lab.Target.Log.Where(r => r.Opcode == IscsiOpcode.ScsiCommand).Select(r => r.Bhs.InitiatorTaskTag);
        Assert.Equal(20, tags.Distinct().Count());
    });

    [Fact]
    public void Sense_and_residual_come_back() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var sense = new byte[18];
        Sense.LbaOutOfRange.Write(sense);
        lab.Target.OnCommand = request => lab.Target.Respond(request, ScsiStatus.CheckCondition, sense, residual: 100);
        var result = await session.OpenDisk(0).ExecuteAsync(Cdb.Read10(0, 1), new byte[512]);
        Assert.Equal((CommandOutcome.Completed, ScsiStatus.CheckCondition, 100), (result.Outcome, result.Status, result.Residual));
        Assert.True(result.TryGetSense(out var read) && read.Additional == AdditionalSense.LbaOutOfRange);
        lab.Target.OnCommand = request => lab.Target.Respond(request, residual: -24);
        Assert.Equal(-24, (await session.OpenDisk(0).ExecuteAsync(Cdb.Read10(0, 1), new byte[512])).Residual);
        lab.Target.OnCommand = request => lab.Target.Respond(request, residual: 1000);
        Assert.Equal(CommandOutcome.ProtocolError, (await session.OpenDisk(0).ExecuteAsync(Cdb.Read10(0, 1), new byte[512])).Outcome);
        await Assert.ThrowsAsync<ScsiException>(async () => { lab.Target.OnCommand = r => lab.Target.Respond(r, ScsiStatus.CheckCondition, sense); await session.OpenDisk(0).FlushAsync(); });
    });

    [Fact]
    public void A_registered_buffer_needs_no_registration_of_its_own() => Lab.Run(async lab =>
    {
        var memory = new byte[4096];
        var session = await lab.LoginAsync(new() { AlwaysRegister = false });
        Assert.Equal(0xC0, lab.Target.Id!.Asked!.PrivateData.Span[0]);
        using var buffer = lab.Host.Register(memory);
        var command = Lab.Read(memory);
        (command.Data, command.Registration) = (memory.AsMemory(1024, 512), buffer);
        lab.Target.OnCommand = request =>
        {
            lab.Target.Write(request, Enumerable.Repeat((byte)7, 512).ToArray());
            lab.Target.Respond(request);
        };
        session.Submit(command);
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.True(command.IsGood);
        Assert.Equal((0, 7, 7, 0), (memory[1023], memory[1024], memory[1535], memory[1536]));
        Assert.Equal(2, lab.Device.Regions.Count); // messages, and the buffer
    });

    [Fact]
    public void Steady_state_allocates_nothing_in_the_initiator() => Lab.Run(async lab =>
    {
        var session = (IscsiSession)await lab.LoginAsync();
        Assert.Equal(1, session.Logins);
        var command = Lab.Read(new byte[512]);
        for (var i = 0; i < 100; i++) await Once();
        // The fakes allocate: what is counted is the part between the message's arrival and the next one that leaves, and the least of all
        // of these, since the runtime allocates when it compiles a method again.
        var inInitiator = long.MaxValue;
        var connection = session.Connection!;
        for (var i = 0; i < 100; i++)
        {
            Request? held = null;
            lab.Target.OnCommand = request => held = request;
            session.Submit(command);
            await lab.World.Until(() => held is not null, "the request");
            lab.Target.Pair.HoldsSends = false;
            var cq = (FakeCompletionQueue)lab.Target.Pair.ReceiveCq;
            cq.IsHeld = true;
            lab.Target.Respond(held!);
            var before = GC.GetAllocatedBytesForCurrentThread();
            ((ICompletionHandler)connection).OnCompletions(cq);
            inInitiator = Math.Min(inInitiator, GC.GetAllocatedBytesForCurrentThread() - before);
            cq.Release();
            Assert.False(command.IsBusy);
        }
        Assert.Equal(0, inInitiator);
        lab.Target.OnCommand = request => lab.Target.Respond(request);

        async ValueTask Once()
        {
            session.Submit(command);
            await lab.World.Until(() => !command.IsBusy, "the command to end");
        }
    });
}
