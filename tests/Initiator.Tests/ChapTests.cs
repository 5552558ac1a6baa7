using System.Text;

namespace Weft.Initiator.Tests;

public sealed class ChapTests
{
    private sealed class Authority(ChapSettings chap) : ILoginAuthority
    {
        private byte next = 1;

        public void Draw(Span<byte> target)
        {
            foreach (ref var b in target) b = next++;
        }

        public LoginGrant Resolve(LoginIdentity identity) =>
            new(LoginStatus.Success) { PortalGroupTag = 1, Chap = chap, Policy = KeyPolicy.ImmediateDataTarget() };

        public LoginStatus Admit(TargetLogin login, out ushort tsih)
        {
            tsih = 5;
            return LoginStatus.Success;
        }
    }

    private static readonly ChapCredentials Me = new("labuser", "labsecret12345"), Peer = new("tgtuser", "tgtsecret67890");

    [Theory]
    [InlineData(ChapAlgorithm.Md5, false)]
    [InlineData(ChapAlgorithm.Sha1, true)]
    [InlineData(ChapAlgorithm.Sha256, true)]
    [InlineData(ChapAlgorithm.Sha3_256, true)]
    public void A_login_proves_its_secret_and_takes_the_targets_proof(ChapAlgorithm algorithm, bool mutual) => Lab.Run(async lab =>
    {
        lab.Target.Authority = new Authority(new(mutual ? Peer : null, Me) { Algorithms = [algorithm] });
        var session = await lab.LoginAsync(new() { Chap = new(Me, mutual ? Peer : null) { Algorithms = [algorithm] } });
        Assert.Equal(4, lab.Target.Count(IscsiOpcode.LoginRequest));
        Assert.StartsWith("InitiatorName=", Encoding.UTF8.GetString(lab.Target.Log[0].Data), StringComparison.Ordinal);
        Assert.DoesNotContain("CHAP", Encoding.UTF8.GetString(lab.Target.Log[3].Data)); // parameters only
        Assert.All(lab.Target.Pair.ReceiveLengths, length => Assert.Equal(204u, length));
        Assert.True((await session.OpenDisk(0).ExecuteAsync(Cdb.Read10(0, 1), new byte[512])).IsGood);
    });

    [Fact]
    public void A_wrong_secret_is_fatal() => Lab.Run(async lab =>
    {
        lab.Target.Authority = new Authority(new(null, Me));
        var error = await Assert.ThrowsAsync<LoginException>(async () => await lab.LoginAsync(new() { Chap = new(new("labuser", "wrongsecret999"), null) }));
        Assert.Equal((LoginFailure.Authorization, 1), (error.Reason, lab.Device.Connects));
    });

    [Fact]
    public void A_target_that_cannot_prove_itself_is_left() => Lab.Run(async lab =>
    {
        lab.Target.Authority = new Authority(new(new("tgtuser", "anothersecret1"), Me));
        var error = await Assert.ThrowsAsync<LoginException>(async () => await lab.LoginAsync(new() { Chap = new(Me, Peer) }));
        Assert.Equal(LoginFailure.Negotiation, error.Reason);
    });
}
