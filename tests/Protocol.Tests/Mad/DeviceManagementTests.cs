using Weft.Protocol.Mad;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Mad;

public class DeviceManagementTests
{
    /// <summary>By hand from the layouts of IBA Vol 1 §16.3.3, with the numbers that ib_srpt gives.</summary>
    private const string ProfileBytes =
        "0002C90300053F4A" + "0002C900" + "00000000" + "0000" + "0000" + "0002C900" + "00000000" + "0100" + "609E" + "0108" + "0001" + "0000" + "0000" + "0FFF"
        + "00" + "04" + "00002054" + "00010000" + "2B" + "00" + "01" + "000000000000000000" + "4C696E7578205352502074617267657400000000000000000000000000000000"
        + "0000000000000000000000000000000000000000000000000000000000000000";

    private static DeviceManagementAgent Agent()
    {
        Assert.True(IoControllerProfile.TryRead(Convert.FromHexString(ProfileBytes), out var profile));
        var agent = new DeviceManagementAgent();
        agent.Add(new(profile, [new("SRP.T10:0002c90300053f4a", 0x0002_C903_0005_3F4A)]));
        return agent;
    }

    private static byte[] Ask(DeviceManagementAgent agent, DeviceManagementAttribute attribute, uint modifier, Action<byte[]>? change = null, bool check = true)
    {
        var (mad, answer) = (new byte[256], new byte[256]);
        DeviceManagementMad.WriteGet(mad, attribute, modifier, 0x1234_5678_9ABC_DEF0);
        change?.Invoke(mad);
        Assert.True(agent.TryAnswer(mad, answer));
        if (check) Assert.Equal("123456789ABCDEF0", Convert.ToHexString(answer.AsSpan(8, 8)));
        Assert.Equal(0x81, answer[3]);
        return answer;
    }

    [Fact]
    public void A_profile_is_read_as_the_layout_has_it_and_written_back()
    {
        var bytes = Convert.FromHexString(ProfileBytes);
        Assert.Equal(IoControllerProfile.Length, bytes.Length);
        Assert.True(IoControllerProfile.TryRead(bytes, out var profile));
        Assert.True(profile is { VendorId: 0x0002C9, IoClass: 0x0100, SendQueueDepth: 4095, RdmaReadDepth: 4, SendSize: 8276, RdmaSize: 65536, Operations: 0x2B, EntryCount: 1, IsSrp: true });
        Assert.Equal("Linux SRP target", profile.Id);
        var written = new byte[bytes.Length];
        profile.Write(written);
        Assert.Equal(bytes, written);
        Assert.False(IoControllerProfile.TryRead(bytes.AsSpan(1), out _));
    }

    [Fact]
    public void A_unit_of_16_slots_has_one_controller()
    {
        var answer = Ask(Agent(), DeviceManagementAttribute.IoUnitInfo, 0);
        Assert.Equal("0001" + "10" + "00" + "10" + "00000000000000" + "FF", Convert.ToHexString(answer.AsSpan(64, 13)));
        Assert.True(IoUnitInfo.TryRead(answer.AsSpan(64), out var unit));
        Assert.Equal((IoSlot.Present, IoSlot.Empty, IoSlot.Empty, IoSlot.NoSlot), (unit[1], unit[2], unit[16], unit[17]));
    }

    [Theory]
    [InlineData(DeviceManagementAttribute.IoControllerProfile, 1, 0)]
    [InlineData(DeviceManagementAttribute.IoControllerProfile, 0, 0x001C)]
    [InlineData(DeviceManagementAttribute.IoControllerProfile, 17, 0x001C)]
    [InlineData(DeviceManagementAttribute.IoControllerProfile, 3, 0x0100)]
    [InlineData(DeviceManagementAttribute.ServiceEntries, 0x1_0000, 0)]
    [InlineData(DeviceManagementAttribute.ServiceEntries, 0x1_0001, 0x0100)] // last before first
    [InlineData(DeviceManagementAttribute.ServiceEntries, 0x1_0200, 0x0100)] // more than there are
    [InlineData(DeviceManagementAttribute.ServiceEntries, 0x0_0000, 0x001C)]
    [InlineData((DeviceManagementAttribute)0x0013, 0, 0x000C)]
    public void The_agent_answers_each_question_with_the_status_it_deserves(DeviceManagementAttribute attribute, uint modifier, int status)
    {
        var answer = Ask(Agent(), attribute, modifier);
        Assert.Equal(status, answer[4] << 8 | answer[5]);
    }

    [Fact]
    public void Other_methods_and_versions_are_refused_and_answers_are_not_answered()
    {
        Assert.Equal(0x08, Ask(Agent(), DeviceManagementAttribute.IoUnitInfo, 0, mad => mad[3] = 2)[5]);
        Assert.Equal(0x04, Ask(Agent(), DeviceManagementAttribute.IoUnitInfo, 0, mad => mad[2] = 2)[5]);
        var response = Ask(Agent(), DeviceManagementAttribute.IoUnitInfo, 0);
        Assert.False(Agent().TryAnswer(response, new byte[256]));
    }

    [Fact]
    public void A_query_walks_every_slot_and_every_service()
    {
        var agent = Agent();
        var profile = agent.Controllers[0].Profile with { Guid = new(0x77), EntryCount = 6, IoClass = IoControllerProfile.SrpRev10Class };
        agent.Add(new(profile, [.. Enumerable.Range(0, 6).Select(i => new ServiceEntry(i == 5 ? "something else" : $"SRP.T10:{i:x16}", (ulong)i))]));
        var query = new DeviceManagementQuery(5);
        var (mad, answer) = (new byte[256], new byte[256]);
        var questions = 0;
        for (; !query.IsFinished; questions++)
        {
            query.WriteRequest(mad);
            Assert.True(agent.TryAnswer(mad, answer));
            Assert.True(query.TryTake(answer));
            Assert.False(query.TryTake(answer)); // the same once more
        }
        Assert.Equal(1 + 2 + 3, questions);
        Assert.Equal([1, 6], query.Controllers.Select(c => c.Services.Count));
        var lines = SrpDiscovery.Commands(query.Controllers, new(0xFE80_0000_0000_0000, 9), 0x8001).ToArray();
        Assert.Equal(6, lines.Length);
        Assert.Equal("id_ext=0002c90300053f4a,ioc_guid=0002c90300053f4a,dgid=fe800000000000000000000000000009,pkey=8001,service_id=0002c90300053f4a", lines[0]);
        Assert.EndsWith(",service_id=0000000000000004,io_class=ff00", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_arrives_neither_agent_nor_query_fails()
    {
        var corpus = new List<byte[]>();
        foreach (var (attribute, modifier) in new[] { (DeviceManagementAttribute.IoUnitInfo, 0u), (DeviceManagementAttribute.IoControllerProfile, 1u), (DeviceManagementAttribute.ServiceEntries, 0x1_0000u) })
        {
            var mad = new byte[256];
            DeviceManagementMad.WriteGet(mad, attribute, modifier, 5);
            corpus.Add(mad);
            corpus.Add(Ask(Agent(), attribute, modifier, m => mad.CopyTo(m, 0), check: false));
        }
        var answer = new byte[256];
        Fuzzer.Run(corpus, input =>
        {
            Agent().TryAnswer(input, answer);
            var query = new DeviceManagementQuery(0);
            for (var i = 0; i < 4 && !query.IsFinished; i++)
            {
                query.WriteRequest(answer);
                var reply = input.ToArray();
                if (reply.Length >= 24) answer.AsSpan(8, 8).CopyTo(reply.AsSpan(8)); // the right transaction
                query.TryTake(reply);
            }
            foreach (var line in SrpDiscovery.Commands(query.Controllers, default)) Assert.NotEmpty(line);
            if (query.Unit is { } unit) Assert.NotEmpty(SrpDiscovery.Describe(unit, query.Controllers, default, default));
        });
    }
}
