using System.Text;
using Weft.Fabric.Sim;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Iser;
using Weft.Protocol.Scsi;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Target.Tests.Iser;

/// <summary>Requests one by one, on the wire's own terms.</summary>
public class RequestTests
{
    private static void Run(Func<World, Lab, RawClient, Task> script, KeyPolicy? policy = null, HostLimits? limits = null, string? target = Lab.TargetName, StoreTiming timing = default, bool stops = true) => Lab.Run(async world =>
    {
        var lab = new Lab(world, limits, timing: timing);
        if (policy is not null) lab.Target.Policy = policy;
        lab.AddNode("raw", out var device);
        var client = new RawClient(world, device);
        await client.LoginAsync(target: target);
        await script(world, lab, client);
        if (stops) await lab.StopAsync();
    });

    [Fact]
    public void Numbers_of_the_window_and_of_status_follow_each_other() => Run(async (world, lab, client) =>
    {
        client.Read(0, 1);
        var first = await client.StatusAsync(1);
        Assert.Equal(new CmdSn(2), first.ExpCmdSn);
        Assert.Equal(new CmdSn(1 + 32), first.MaxCmdSn);
        client.Read(0, 1);
        var second = await client.StatusAsync(2);
        Assert.Equal(first.StatSn.Next, second.StatSn);
        Assert.Equal(new CmdSn(34), second.MaxCmdSn);
        // below and above the window: no answer at all
        client.Read(0, 1, change: c => c with { CmdSn = new(1) });
        client.Read(0, 1, change: c => c with { CmdSn = new(200) });
        client.CmdSn = 3;
        var tag = client.Read(0, 1);
        Assert.Equal(second.StatSn.Next, (await client.StatusAsync(tag)).StatSn);
    });

    [Fact]
    public void A_hole_holds_later_commands_back_and_they_run_in_order() => Run(async (world, lab, client) =>
    {
        client.Read(0, 1, change: c => c with { CmdSn = new(2), InitiatorTaskTag = new(12) });
        client.Read(0, 1, change: c => c with { CmdSn = new(3), InitiatorTaskTag = new(13) });
        client.Read(0, 1, change: c => c with { CmdSn = new(2), InitiatorTaskTag = new(99) }); // a duplicate number is ignored
        await world.Delay(Duration.FromMilliseconds(1));
        Assert.Empty(client.Inbox);
        client.Read(0, 1, change: c => c with { CmdSn = new(1), InitiatorTaskTag = new(11) });
        for (var tag = 11u; tag <= 13; tag++) await client.StatusAsync(tag);
    });

    [Fact]
    public void Aborting_a_command_that_never_came_fills_its_hole() => Run(async (world, lab, client) =>
    {
        client.Read(0, 1, change: c => c with { CmdSn = new(2), InitiatorTaskTag = new(12) });
        client.CmdSn = 3;
        client.Manage(TaskManagementFunction.AbortTask, referenced: 77, refCmdSn: 1);
        var answers = new List<IscsiOpcode>();
        await world.Until(() => client.Inbox.Count == 2, "two answers");
        Assert.Equal(TaskManagementResponseCode.Complete, await TakeTmfAsync(client));
        var tag = client.Read(0, 1);
        await client.StatusAsync(tag);
        client.Manage(TaskManagementFunction.AbortTask, referenced: 77, refCmdSn: 1); // acknowledged long ago
        Assert.Equal(TaskManagementResponseCode.TaskDoesNotExist, await TakeTmfAsync(client));
    });

    private static async Task<TaskManagementResponseCode> TakeTmfAsync(RawClient client)
    {
        while (client.Inbox.TryPeek(out var next) && (next[28] & 0x3F) == 0x21) client.Inbox.Dequeue();
        return (await client.TakeAsync<TaskManagementResponsePdu>()).Pdu.Response;
    }

    [Fact]
    public void Pings_are_echoed_up_to_what_the_initiator_can_take() => Run(async (world, lab, client) =>
    {
        client.Send(new NopOutPdu { InitiatorTaskTag = new(5), TargetTransferTag = TaskTag.Reserved, CmdSn = new(client.CmdSn++), DataSegmentLength = 300 }.Bhs, new byte[300]);
        var (nop, data) = await client.TakeAsync<NopInPdu>();
        Assert.Equal(new(5), nop.InitiatorTaskTag);
        Assert.True(nop.TargetTransferTag.IsReserved);
        Assert.Equal(128, data.Length);
        // an answer to a ping that nobody sent, and a silent one that is not immediate
        client.Send(new NopOutPdu { Immediate = true, InitiatorTaskTag = TaskTag.Reserved, TargetTransferTag = new(7), CmdSn = new(client.CmdSn) }.Bhs);
        Assert.Equal(RejectReason.ProtocolError, (await client.TakeAsync<RejectPdu>()).Pdu.Reason);
        client.Send(new NopOutPdu { InitiatorTaskTag = TaskTag.Reserved, TargetTransferTag = TaskTag.Reserved, CmdSn = new(client.CmdSn++) }.Bhs);
        var (reject, header) = await client.TakeAsync<RejectPdu>();
        Assert.Equal(RejectReason.ProtocolError, reject.Reason);
        Assert.Equal(48, header.Length);
        client.Send(new NopOutPdu { Immediate = true, InitiatorTaskTag = TaskTag.Reserved, TargetTransferTag = TaskTag.Reserved, CmdSn = new(client.CmdSn) }.Bhs);
        var tag = client.Read(0, 1);
        await client.StatusAsync(tag);
    });

    [Fact]
    public void The_response_takes_the_registration_back_only_if_both_agreed() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        lab.AddNode("raw", out var device);
        var willing = new RawClient(world, device) { PrivateFlags = 0x80 };
        await willing.LoginAsync();
        willing.RegisterFast();
        var tag = willing.Read(0, 1);
        var key = willing.Key;
        await willing.StatusAsync(tag);
        Assert.Equal(key.Value, willing.LastInvalidated);
        var unwilling = new RawClient(world, device);
        await unwilling.LoginAsync(iqn: "iqn.2026-01.weft:raw2");
        await unwilling.StatusAsync(unwilling.Read(0, 1));
        Assert.Equal(0u, unwilling.LastInvalidated);
        await lab.StopAsync();
    });

    [Fact]
    public void Unwanted_immediate_data_is_an_aborted_command() => Run(async (world, lab, client) =>
    {
        var tag = client.Write(0, 1, new byte[512]);
        var (response, sense) = await client.TakeAsync<ScsiResponsePdu>();
        Assert.Equal((new(tag), ScsiStatus.CheckCondition), (response.InitiatorTaskTag, response.Status));
        Assert.Equal((0x0B, 0x0C, 0x0C), (sense[2 + 2] & 0xF, sense[2 + 12], sense[2 + 13]));
        tag = client.Write(0, 1, final: false);
        await client.StatusAsync(tag, ScsiStatus.CheckCondition);
        tag = client.Write(0, 1, withKey: false);
        (response, sense) = await client.TakeAsync<ScsiResponsePdu>();
        Assert.Equal((0x0B, 0x0C, 0x0D), (sense[2 + 2] & 0xF, sense[2 + 12], sense[2 + 13]));
        tag = client.Read(0, 1, withKey: false);
        await client.StatusAsync(tag, ScsiStatus.CheckCondition);
        await client.StatusAsync(client.Read(0, 1));
    });

    [Fact]
    public void Unsolicited_data_belongs_to_its_command_even_if_that_failed_at_once() => Run(async (world, lab, client) =>
    {
        var tag = client.Write(0xFFFF_0000, 8, new byte[1024], final: false); // beyond the medium
        await world.Delay(Duration.FromMilliseconds(1));
        Assert.Empty(client.Inbox);
        DataOut(client, tag, 0, 1024, new byte[1024], final: false);
        DataOut(client, tag, 1, 2048, new byte[1024], final: true);
        await client.StatusAsync(tag, ScsiStatus.CheckCondition);
        client.Data.AsSpan(0, 4096).Fill(0x77);
        tag = client.Write(8, 8, client.Data.AsSpan(0, 1024), final: false);
        DataOut(client, tag, 0, 1024, client.Data.AsSpan(0, 512), final: true); // the rest is fetched
        client.Data.AsSpan(1536, 2560).Fill(0x78);
        await client.StatusAsync(tag);
        client.Read(8, 8);
        await client.StatusAsync(tag + 1);
        Assert.Equal(0x77, client.ReadHalf[1535]);
    }, KeyPolicy.ImmediateDataTarget(initialR2T: false));

    private static void DataOut(RawClient client, uint tag, uint dataSn, uint offset, ReadOnlySpan<byte> data, bool final) =>
        client.Send(new DataOutPdu
        {
            Final = final, InitiatorTaskTag = new(tag), TargetTransferTag = TaskTag.Reserved, DataSn = dataSn, BufferOffset = offset, DataSegmentLength = data.Length,
        }.Bhs, data);

    [Theory]
    [InlineData("other tag")]
    [InlineData("DataSN")]
    [InlineData("offset")]
    [InlineData("too much")]
    [InlineData("TTT")]
    [InlineData("login")]
    [InlineData("hello")]
    [InlineData("opcode of iSER")]
    [InlineData("data missing")]
    [InlineData("short")]
    public void What_breaks_the_protocol_ends_the_connection(string how) => Run(async (world, lab, client) =>
    {
        var connection = lab.Host.Connections[0];
        var tag = client.Write(0, 8, new byte[1024], final: false);
        switch (how)
        {
            case "other tag": DataOut(client, 999, 0, 1024, new byte[1024], true); break;
            case "DataSN": DataOut(client, tag, 1, 1024, new byte[1024], true); break;
            case "offset": DataOut(client, tag, 0, 2048, new byte[1024], true); break;
            case "too much": DataOut(client, tag, 0, 1024, new byte[4096], true); break;
            case "TTT": client.Send(new DataOutPdu { InitiatorTaskTag = new(tag), TargetTransferTag = new(3), BufferOffset = 1024, DataSegmentLength = 4 }.Bhs, new byte[4]); break;
            case "login": client.Send(new LoginRequestPdu().Bhs); break;
            case "hello": client.Send(default, default, new(IserFlags.Hello)); break;
            case "opcode of iSER": client.Send(default, default, new((IserFlags)0x50)); break;
            case "data missing": client.Send(new ScsiCommandPdu { IsWrite = true, DataSegmentLength = 512, CmdSn = new(client.CmdSn) }.Bhs); break;
            case "short": client.SendBytes(new byte[40]); break;
        }
        await client.GoneAsync();
        Assert.Equal(CloseReason.ProtocolError, connection.Reason);
        Assert.NotNull(connection.Violation);
        await world.Until(() => lab.Host.Connections.Count == 0, "release", Duration.FromSeconds(200));
        Assert.Equal(new byte[4096], ReadBack(lab)); // nothing of it reached the disk
    }, KeyPolicy.ImmediateDataTarget(initialR2T: false));

    private static byte[] ReadBack(Lab lab)
    {
        var data = new byte[4096];
        lab.Store.Read(0, data);
        return data;
    }

    [Fact]
    public void Requests_that_are_not_served_are_rejected_with_their_header() => Run(async (world, lab, client) =>
    {
        client.Read(0, 1, change: c => c with { IsWrite = true });
        Assert.Equal(RejectReason.CommandNotSupported, (await client.TakeAsync<RejectPdu>()).Pdu.Reason);
        client.Send(new SnackRequestPdu { InitiatorTaskTag = new(9) }.Bhs);
        var (reject, header) = await client.TakeAsync<RejectPdu>();
        Assert.Equal(RejectReason.SnackReject, reject.Reason);
        Assert.True(Bhs.TryRead(header, out var refused));
        Assert.Equal(IscsiOpcode.SnackRequest, refused.Opcode);
        var unknown = new Bhs { Opcode = (IscsiOpcode)0x1C };
        client.Send(unknown);
        Assert.Equal(RejectReason.CommandNotSupported, (await client.TakeAsync<RejectPdu>()).Pdu.Reason);
        client.Send(new LogoutRequestPdu { Reason = LogoutReason.RemoveConnectionForRecovery, CmdSn = new(client.CmdSn++) }.Bhs);
        Assert.Equal(LogoutResponseCode.RecoveryNotSupported, (await client.TakeAsync<LogoutResponsePdu>()).Pdu.Response);
        client.Send(new LogoutRequestPdu { Reason = LogoutReason.CloseConnection, Cid = 9, CmdSn = new(client.CmdSn++) }.Bhs);
        Assert.Equal(LogoutResponseCode.CidNotFound, (await client.TakeAsync<LogoutResponsePdu>()).Pdu.Response);
        client.Manage(TaskManagementFunction.TaskReassign);
        Assert.Equal(TaskManagementResponseCode.AllegianceReassignmentNotSupported, await TakeTmfAsync(client));
        client.Manage(TaskManagementFunction.QueryTask);
        Assert.Equal(TaskManagementResponseCode.FunctionNotSupported, await TakeTmfAsync(client));
        client.Manage((TaskManagementFunction)99);
        Assert.Equal(TaskManagementResponseCode.FunctionNotSupported, await TakeTmfAsync(client));
        await client.StatusAsync(client.Read(0, 1) is var tag ? tag : 0);
    });

    [Fact]
    public void Immediate_requests_are_bounded() => Run(async (world, lab, client) =>
    {
        for (var i = 0; i < 3; i++) client.Read(0, 8);
        for (var i = 0u; i < 12; i++) client.Read(0, 1, change: c => c with { Immediate = true, InitiatorTaskTag = new(100 + i) });
        await world.Until(() => client.Inbox.Count == 15, "all answers", Duration.FromSeconds(10));
        Assert.Contains(client.Inbox, m => (m[28] & 0x3F) == 0x3F && m[30] == (byte)RejectReason.TooManyImmediateCommands);
        Assert.Contains(client.Inbox, m => (m[28] & 0x3F) == 0x21 && m[28 + 19] == 100);
    }, limits: new() { NopInInterval = Duration.Infinite, MaxImmediate = 2 }, timing: new(1, Duration.FromMilliseconds(1)));

    [Fact]
    public void Discovery_answers_in_pieces_and_takes_no_commands() => Run(async (world, lab, client) =>
    {
        for (var i = 0; i < 300; i++) lab.Host.AddTarget($"iqn.2026-01.weft:a-rather-long-name-of-target-number-{i}");
        var text = new StringBuilder();
        client.Text("SendTargets=All");
        var pieces = 0;
        while (true)
        {
            var (response, data) = await client.TakeAsync<TextResponsePdu>();
            Assert.True(data.Length <= 8192);
            text.Append(Encoding.ASCII.GetString(data));
            pieces++;
            if (response.Final) break;
            Assert.True(response.Continue);
            client.Text("", response.TargetTransferTag.Value);
        }
        Assert.True(pieces > 2);
        Assert.Null(SendTargetsText.TryRead(Encoding.ASCII.GetBytes(text.ToString()), out var targets));
        Assert.Equal(301, targets.Count);
        Assert.All(targets, t => Assert.Equal("10.0.0.1:3260,1", Assert.Single(t.Portals).ToString()));
        client.Text("SendTargets=" + Lab.TargetName);
        Assert.Contains(Lab.TargetName, Encoding.ASCII.GetString((await client.TakeAsync<TextResponsePdu>()).Data));
        client.Read(0, 1);
        Assert.Equal(RejectReason.ProtocolError, (await client.TakeAsync<RejectPdu>()).Pdu.Reason);
        client.Text("no-equals-sign");
        Assert.Equal(RejectReason.ProtocolError, (await client.TakeAsync<RejectPdu>()).Pdu.Reason);
    }, target: null);

    [Fact]
    public void A_normal_session_learns_of_its_own_target_alone() => Run(async (world, lab, client) =>
    {
        lab.Host.AddTarget("iqn.2026-01.weft:other");
        client.Text("SendTargets=");
        Assert.Contains(Lab.TargetName, Encoding.ASCII.GetString((await client.TakeAsync<TextResponsePdu>()).Data));
        client.Text("SendTargets=iqn.2026-01.weft:other MaxBurstLength=1024 X-a=b");
        Assert.Equal("MaxBurstLength=Reject\0X-a=NotUnderstood\0", Encoding.ASCII.GetString((await client.TakeAsync<TextResponsePdu>()).Data));
        client.Text("SendTargets=All");
        Assert.Equal(RejectReason.ProtocolError, (await client.TakeAsync<RejectPdu>()).Pdu.Reason);
    });

    [Fact]
    public void Asynchronous_messages_and_cold_reset() => Run(async (world, lab, client) =>
    {
        var connection = lab.Host.Connections[0];
        Assert.True(connection.SendAsync(AsyncEvent.LogoutRequested, parameter3: 10));
        var (message, _) = await client.TakeAsync<AsyncMessagePdu>();
        Assert.Equal((AsyncEvent.LogoutRequested, (ushort)10, true), (message.Event, message.Parameter3, message.InitiatorTaskTag.IsReserved));
        client.Manage(TaskManagementFunction.TargetColdReset);
        Assert.Equal(TaskManagementResponseCode.Complete, await TakeTmfAsync(client));
        await client.GoneAsync();
        Assert.Equal(CloseReason.ColdReset, connection.Reason);
    });

    [Fact]
    public void Logout_comes_after_everything_else_and_ends_what_is_still_running() => Run(async (world, lab, client) =>
    {
        var connection = lab.Host.Connections[0];
        client.Read(0, 1);
        client.Send(new LogoutRequestPdu { InitiatorTaskTag = new(50), CmdSn = new(client.CmdSn++) }.Bhs);
        client.Read(0, 1); // too late
        Assert.Equal(LogoutResponseCode.Closed, (await client.TakeAsync<LogoutResponsePdu>()).Pdu.Response);
        await client.GoneAsync();
        Assert.Empty(client.Inbox);
        Assert.Equal(CloseReason.Logout, connection.Reason);
        await world.Until(() => lab.Host.Connections.Count == 0, "release", Duration.FromSeconds(200));
    }, timing: new(1, Duration.FromMilliseconds(1)));
}
