using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Fabric.Sim.Tests.Management.Partitions;

public sealed class PartitionFileTests
{
    private static readonly Guid64 A = new(0x2c90300100001), B = new(0x2c90300100011), C = new(0x2c90300100021);

    private static PartitionPolicy Parse(string text)
    {
        Assert.True(PartitionPolicy.TryParse(text, out var policy, out var error), error);
        return policy;
    }

    private static string Keys(PartitionPolicy policy, Guid64 port, MemberKind kind = MemberKind.AllAdapters, bool isManager = false) =>
        string.Join(' ', policy.KeysOf(port, kind, isManager));

    [Fact]
    public void The_example_of_the_manual_reads()
    {
        var policy = Parse("""
            Default=0x7fff,ipoib:ALL=full;
            # two partitions over several lines
            Storage=0x2 , ipoib, rate=7, mtu=5, sl=3, scope=2, scope=5,
               defmember=limited : 0x2c90300100001=full,
               0x2c90300100011 ;
            NewPartition , ipoib : 0x123456=full, 0x3456789034=limi#;comment
            ted, 0x2134af2306 ;
            """.Replace("limi#;comment\nted", "limited", StringComparison.Ordinal));
        Assert.Equal("0xffff 0x8002", Keys(policy, A));
        Assert.Equal("0xffff 0x0002", Keys(policy, B));
        Assert.Equal("0xffff", Keys(policy, C, MemberKind.AllSwitches));
        Assert.Equal("0xffff 0x8001", Keys(policy, new(0x123456)));
        var group = policy.Find(new(2))!.Groups.Single();
        Assert.Equal(((byte)7, (byte)5, (byte)3), (group.Rate, group.Mtu, group.ServiceLevel));
        Assert.Equal(new byte[] { 2, 5 }, group.Scopes);
    }

    /// <summary>Whatever stands in a file, it is refused with a word, or a manager has at least one key by it, and none twice.</summary>
    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Fuzzer.Run([.. Corpus.Select(Encoding.Latin1.GetBytes)], input =>
        {
            if (!PartitionPolicy.TryParse(Encoding.Latin1.GetString(input), out var policy, out var error))
            {
                if (string.IsNullOrEmpty(error)) throw new InvalidOperationException("refused without a word");
                return;
            }
            foreach (var port in (Guid64[])[A, B, C])
            {
                var keys = policy.KeysOf(port, MemberKind.AllAdapters, isManager: true);
                if (keys.Count == 0 || keys.Distinct().Count() != keys.Count) throw new InvalidOperationException("a manager without a key, or with one twice");
            }
        });

    private static readonly string[] Corpus =
    [
        "Default=0x7fff,ipoib:ALL=full;\n# two partitions\nStorage=0x2 , ipoib, rate=7, mtu=5, sl=3, scope=2, scope=5,\n defmember=limited : 0x2c90300100001=full,\n 0x2c90300100011 ;\n",
        "Default=0x7fff : ALL, SELF=full ;", "Own=0x10,indx0 : ALL_CAS=full ;", "Own=0x8010 : ALL_SWITCHES=full, ALL_ROUTERS=limited ;", "Own=0x10 : 0x2c90300100001=both, ALL=full ;",
        "Own=0x10, ipoib, mgid=ff12:401b::707, Q_Key=0x1, P_Key=0x10, TClass=3 : ALL=full ;",
    ];

    [Theory]
    [InlineData("", "0x7fff", "0xffff")] // a file without a default partition: all are limited, the manager is full
    [InlineData("Default=0x7fff : ALL, SELF=full ;", "0x7fff", "0xffff")]
    [InlineData("Default=0x7fff : ALL_CAS=full ;", "0xffff", "0xffff")]
    [InlineData("Own=0x10,indx0 : ALL=full ;", "0x8010 0x7fff", "0x8010 0xffff")]
    [InlineData("Own=0x8010 : ALL_SWITCHES=full ;", "0x7fff", "0xffff")]
    [InlineData("Own=16,defmember=full : 783964676554753=limited ;", "0x7fff 0x0010", "0xffff 0x0010")]
    [InlineData("Own=0x10 : 0x2c90300100001=both, ALL=full ;", "0x7fff 0x8010 0x0010", "0xffff 0x8010 0x0010")]
    [InlineData("Own=0x10 : ALL=limited, 0x2c90300100001=full ;", "0x7fff 0x8010", "0xffff 0x8010")]
    [InlineData("One=0x10 : 0x2c90300100001 ; Two=0x10 : SELF=full ;", "0x7fff 0x0010", "0xffff 0x8010")]
    [InlineData(": ALL=full ; : ALL ;", "0x7fff 0x8001 0x0002", "0xffff 0x8001 0x0002")]
    [InlineData("Empty=0x33 : ;", "0x7fff", "0xffff")]
    public void Members_get_their_keys(string text, string adapter, string manager)
    {
        var policy = Parse(text);
        Assert.Equal(adapter, Keys(policy, A));
        Assert.Equal(manager, Keys(policy, A, isManager: true));
    }

    [Fact]
    public void Without_a_file_everybody_is_a_full_member() => Assert.Equal("0xffff", Keys(PartitionPolicy.Open, B));

    [Fact]
    public void Groups_are_given_by_gid_and_take_the_key_of_their_partition()
    {
        var policy = Parse("""
            Storage=0x2, ipoib :
               mgid=ff12:401b::707,sl=1,mtu=4,Q_Key=0x1b,tclass=8,FlowLabel=0xfffff
               mgid=ff12:601b:8002::16
               ALL=full;
            """);
        var groups = policy.Find(new(2))!.Groups;
        Assert.Equal(new[] { default, Gid.Parse("ff12:401b:8002::707"), Gid.Parse("ff12:601b:8002::16") }, groups.Select(g => g.MulticastGid).OrderBy(g => g));
        var group = groups.Single(g => g.MulticastGid == Gid.Parse("ff12:401b:8002::707"));
        Assert.Equal((new QKey(0x1b), (byte)8, 0xFFFFFu), (group.QKey!.Value, group.TrafficClass!.Value, group.FlowLabel!.Value));
        Assert.Equal("0x7fff 0x8002", Keys(policy, A));
    }

    [Theory]
    [InlineData("Default=0x7fff\n : ALL=full", "line 2: the file ends where ',' or ';' should follow")]
    [InlineData("\n\nStorage=0x10000 : ALL ;", "line 3: '0x10000' is no P_Key: a number from 1 to 0x7fff (bit 15 is ignored) stands behind the name of a partition")]
    [InlineData("Storage=0 : ALL ;", "line 1: '0' is no P_Key: a number from 1 to 0x7fff (bit 15 is ignored) stands behind the name of a partition")]
    [InlineData("Storage=2,fast : ALL ;", "line 1: 'fast' is no flag of a partition: indx0, ipoib, defmember, rate, mtu, sl, scope, Q_Key, tclass or FlowLabel")]
    [InlineData("Storage=2,mtu=6 : ALL ;", "line 1: mtu is a number up to 5, not '6'")]
    [InlineData("Storage=2,sl : ALL ;", "line 1: sl needs =number")]
    [InlineData("Storage=2,defmember=half : ALL ;", "line 1: defmember is full, limited or both, not 'half'")]
    [InlineData("Storage=2 : # why\n ALL=half ;", "line 2: membership is full, limited or both, not 'half'")]
    [InlineData("Storage=2 : everybody ;", "line 1: 'everybody' is no port GUID, nor ALL, ALL_CAS, ALL_SWITCHES, ALL_ROUTERS, SELF or mgid")]
    [InlineData("Storage=2 : mgid=fe80::1 ;", "line 1: mgid needs a multicast GID (ff..), not 'fe80::1'")]
    [InlineData("Storage=2 : mgid=ff12:401b:8003::1 ;", "line 1: mgid ff12:401b:8003::1 names partition 0x8003, but stands in Storage=0x0002")]
    [InlineData("Storage=2 ALL ;", "line 1: 'A' stands where ':' and the port list should follow")]
    [InlineData("Storage=2 : ALL = full SELF ;", "line 1: 'S' stands where ',' or ';' should follow")]
    public void What_is_wrong_is_said_with_its_line(string text, string expected)
    {
        Assert.False(PartitionPolicy.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_ends()
    {
        string[] words = ["Default", "Storage", "=", "0x7fff", "2", ",", ":", ";", "ALL", "SELF", "full", "both", "ipoib", "indx0", "defmember", "mtu", "rate", "scope", "4", "mgid", "ff12:401b::1", "#", "\n", " ", "0x2c90300100001", "\0", "é"];
        var texts = Gen.ArrayOf(Gen.Elements(words)).Select(w => string.Concat(w));
        Check.One(Config.QuickThrowOnFailure.WithReplay(0x9F3A_21C0, 7).WithMaxTest(5000), Prop.ForAll(texts.ToArbitrary(), text =>
        {
            var isRead = PartitionPolicy.TryParse(text, out var policy, out var error);
            Assert.Equal(isRead, error.Length == 0);
            if (!isRead) Assert.Matches("^line [0-9]+: .", error);
            foreach (var keys in new[] { policy.KeysOf(A, MemberKind.AllAdapters, true), policy.KeysOf(B, MemberKind.AllSwitches, false) })
                Assert.Equal(keys.Count, keys.Distinct().Count());
        }));
    }

    [Fact]
    public void What_was_written_for_a_list_of_members_is_read_back() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(0x9F3A_21C0, 7).WithMaxTest(300),
        Prop.ForAll(Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var members = Enumerable.Range(0, random.Next(1, 12)).Select(i => (Guid: new Guid64((ulong)random.NextInt64(1, long.MaxValue)), Word: new[] { "full", "limited", "both" }[random.Next(3)])).ToList();
            var text = new StringBuilder("P=0x123:");
            foreach (var (guid, word) in members) text.Append(new string(' ', random.Next(2))).Append(guid).Append(random.Next(2) == 0 ? " = " : "=").Append(word).Append(random.Next(3) == 0 ? "\n," : ",");
            text.Length--;
            var policy = Parse(text.Append(';').ToString().Replace(",\n;", ";", StringComparison.Ordinal));
            foreach (var (guid, word) in members)
                Assert.Equal(word switch { "full" => "0x7fff 0x8123", "limited" => "0x7fff 0x0123", _ => "0x7fff 0x8123 0x0123" }, Keys(policy, guid));
        }));
}
