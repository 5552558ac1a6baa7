using System.Text;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Tests.Iscsi;

public class LoginTests
{
    private const string Target = "iqn.2024-01.lab:target";
    private const string Initiator = "iqn.2024-01.lab:initiator";
    private static readonly ChapCredentials User = new("labuser", "labsecret12345");
    private static readonly ChapCredentials TargetUser = new("tgtuser", "tgtsecret67890");

    /// <summary>A target with one name, and challenges that count up.</summary>
    private sealed class Authority : ILoginAuthority
    {
        public LoginGrant Grant { get; set; } = new(LoginStatus.Success)
        {
            PortalGroupTag = 1,
            Alias = "LIO Target",
            Policy = KeyPolicy.ImmediateDataTarget().With(KeyId.MaxBurstLength, 262144),
            CommandWindowDepth = 64,
        };

        public LoginStatus Admission { get; set; }
        public int Admissions { get; private set; }
        public byte Next { get; set; } = 1;

        public LoginGrant Resolve(LoginIdentity identity) =>
            identity.IsDiscovery || identity.TargetName == Target ? Grant : LoginGrant.Refuse(LoginStatus.TargetNotFound);

        public LoginStatus Admit(TargetLogin login, out ushort tsih)
        {
            Admissions++;
            tsih = Admission == LoginStatus.Success ? (ushort)7 : (ushort)0;
            return Admission;
        }

        public void Draw(Span<byte> target)
        {
            foreach (ref var b in target) b = Next++;
        }
    }

    private static InitiatorLoginOptions Options(ChapSettings? chap = null) => new(Initiator, KeyPolicy.OpenIscsi(iser: true))
    {
        InitiatorAlias = "b",
        TargetName = Target,
        Isid = Isid.FromOui(0x023d, 3),
        Chap = chap,
    };

    private static string Show(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text).TrimEnd('\0').Replace('\0', ' ');

    [Fact]
    public void Our_first_request_is_open_iscsi_s_byte_for_byte()
    {
        var theirs = CapturedPdu.Find("iser-basic", 17).View<LoginRequestPdu>(out var text);
        var login = new InitiatorLogin(Options() with { Isid = theirs.Isid }, new Authority());
        var data = new byte[8192];
        login.Start(data, out var ours);
        Assert.Equal(Show(text), Show(data.AsSpan(0, ours.DataSegmentLength)));
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData("iser-basic", 17, 19, null)]
    [InlineData("iser-chap-mutual", 4, 18, "mutual")]
    [InlineData("iser-chap-mutual-fail", 4, 14, "fail")]
    public void LIO_s_captured_responses_take_our_initiator_through(string capture, int firstFrame, int lastFrame, string? chap)
    {
        var exchange = CapturedPdu.Of(capture).Where(c => c.Frame >= firstFrame && c.Frame <= lastFrame).ToList();
        var first = exchange[0].View<LoginRequestPdu>(out _);
        // our own challenge must be the one that open-iscsi drew, or LIO's captured answer to it would not fit
        var source = new Scripted();
        var settings = chap is null ? null : new ChapSettings(User, chap == "fail" ? new("tgtuser", "another secret") : TargetUser) { Algorithms = [ChapAlgorithm.Md5] };
        if (chap is not null)
        {
            var proof = exchange[4].View<LoginRequestPdu>(out var text);
            var reader = new TextKeyReader(text);
            while (reader.MoveNext())
            {
                if (reader.Current.Is("CHAP_I"u8)) source.Bytes.Enqueue([byte.Parse(reader.Current.ValueText)]);
                else if (reader.Current.Is("CHAP_C"u8)) source.Bytes.Enqueue(Convert.FromHexString(reader.Current.ValueText[2..]));
            }
        }
        var login = new InitiatorLogin(Options(settings) with { Isid = first.Isid }, source);
        var data = new byte[8192];
        login.Start(data, out var request);
        for (var i = 0; i < exchange.Count; i += 2)
        {
            var theirs = exchange[i].View<LoginRequestPdu>(out var text);
            Assert.Equal(Show(text), Show(data.AsSpan(0, request.DataSegmentLength)));
            Assert.Equal(theirs, request);
            var response = exchange[i + 1].View<LoginResponsePdu>(out var answer);
            if (!login.Handle(response, answer, data, out request)) Assert.Equal(exchange.Count - 2, i);
        }
        if (chap == "fail")
        {
            Assert.Equal(InitiatorLoginState.Failed, login.State); // what the initiator expected there was another secret
            Assert.Equal("chap-response", login.Violation?.Rule);
            return;
        }
        Assert.Equal(InitiatorLoginState.FullFeature, login.State);
        Assert.True(login.Parameters is { InitialR2T: true, ImmediateData: true, RdmaExtensions: true, MaxBurstLength: 262144, FirstBurstLength: 65536, TargetRecvDataSegmentLength: 8192 });
        Assert.NotEqual(0, login.Tsih);
    }

    /// <summary>The same offers as LIO got: our answers may come in another order and answer more, but say the same.</summary>
    [Theory]
    [InlineData("iser-basic", 17, 19)]
    [InlineData("iser-imm-no", 4, 6)]
    [InlineData("iser-libiscsi", 4, 6)]
    [InlineData("tgt-iser", 6, 8)]
    public void A_captured_login_gets_the_answers_that_LIO_gave(string capture, int requestFrame, int responseFrame)
    {
        var request = CapturedPdu.Find(capture, requestFrame).View<LoginRequestPdu>(out var text);
        var theirs = CapturedPdu.Find(capture, responseFrame).View<LoginResponsePdu>(out var theirText);
        var login = new TargetLogin(new Authority(), iser: true, theirs.StatSn);
        var data = new byte[8192];
        login.Handle(request, text, data, out var ours);
        Assert.Equal(TargetLoginState.FullFeature, login.State);
        Assert.Equal(LoginStatus.Success, ours.Status);
        Assert.Equal((true, LoginStage.Operational, LoginStage.FullFeature), (ours.Transit, ours.CurrentStage, ours.NextStage));
        Assert.Equal((theirs.Isid, theirs.InitiatorTaskTag, theirs.StatSn), (ours.Isid, ours.InitiatorTaskTag, ours.StatSn));
        Assert.Equal(request.CmdSn, ours.ExpCmdSn);
        Assert.Equal(request.CmdSn + 63, ours.MaxCmdSn);
        var mine = Show(data.AsSpan(0, ours.DataSegmentLength)).Split(' ');
        var offered = Show(text).Split(' ').Select(p => p.Split('=')[0]).ToHashSet();
        foreach (var pair in mine.Select(p => p.Split('=')[0]).Where(k => k is not ("TargetAlias" or "TargetPortalGroupTag" or "Target")))
            Assert.Contains(pair, offered); // Linux parsers fail a login whose answer holds a key that was not offered
        foreach (var pair in Show(theirText).Split(' '))
            if (!pair.StartsWith("MaxRecvDataSegmentLength") && !pair.StartsWith("Target")) Assert.Contains(pair, mine);
    }

    [Theory]
    [InlineData(ChapAlgorithm.Md5, false)]
    [InlineData(ChapAlgorithm.Sha1, true)]
    [InlineData(ChapAlgorithm.Sha256, true)]
    [InlineData(ChapAlgorithm.Sha3_256, true)]
    [InlineData(ChapAlgorithm.Md5, true)]
    public void Both_halves_authenticate(ChapAlgorithm algorithm, bool mutual)
    {
        var authority = new Authority();
        authority.Grant = authority.Grant with { Chap = new(TargetUser, User) };
        var trace = new List<string>();
        var (initiator, target) = Run(Options(new(User, mutual ? TargetUser : null) { Algorithms = [algorithm] }), authority, trace);
        Assert.Equal(InitiatorLoginState.FullFeature, initiator.State);
        Assert.Equal(TargetLoginState.FullFeature, target.State);
        Assert.Equal(1, authority.Admissions);
        Assert.Equal(8, trace.Count);
        Assert.DoesNotContain("CHAP", trace[^1]); // nothing of the exchange reaches the parameters
        Assert.DoesNotContain("CHAP", trace[^2]);
        Assert.Equal(mutual, trace[5].Contains("CHAP_R"));
    }

    [Theory]
    [InlineData("wrong secret", LoginStatus.AuthenticationFailure)]
    [InlineData("wrong name", LoginStatus.AuthenticationFailure)]
    [InlineData("no CHAP", LoginStatus.AuthenticationFailure)]
    [InlineData("no common algorithm", LoginStatus.AuthenticationFailure)]
    [InlineData("no account to prove", LoginStatus.AuthenticationFailure)]
    [InlineData("same secret", LoginStatus.AuthenticationFailure)]
    [InlineData("not found", LoginStatus.TargetNotFound)]
    [InlineData("forbidden", LoginStatus.AuthorizationFailure)]
    [InlineData("removed", LoginStatus.TargetRemoved)]
    [InlineData("disabled", LoginStatus.ServiceUnavailable)]
    [InlineData("out of resources", LoginStatus.OutOfResources)]
    [InlineData("too many", LoginStatus.TooManyConnections)]
    [InlineData("no session", LoginStatus.SessionDoesNotExist)]
    [InlineData("cannot include", LoginStatus.CannotIncludeInSession)]
    [InlineData("target error", LoginStatus.TargetError)]
    [InlineData("no RDMAExtensions", LoginStatus.InitiatorError)]
    public void Refusals(string why, LoginStatus expected)
    {
        var authority = new Authority();
        var options = Options();
        var grant = authority.Grant;
        var chap = new ChapSettings(User, null);
        switch (why)
        {
            case "wrong secret":
                grant = grant with { Chap = new(null, User) };
                options = Options(new(new("labuser", "wrongsecret999"), null));
                break;
            case "wrong name":
                grant = grant with { Chap = new(null, User) };
                options = Options(new(new("nobody", "labsecret12345"), null));
                break;
            case "no CHAP":
                grant = grant with { Chap = new(null, User) };
                break;
            case "no common algorithm":
                grant = grant with { Chap = new(null, User) { Algorithms = [ChapAlgorithm.Sha256] } };
                options = Options(chap with { Algorithms = [ChapAlgorithm.Md5] });
                break;
            case "no account to prove":
                grant = grant with { Chap = new(null, User) };
                options = Options(new(User, TargetUser));
                break;
            case "same secret":
                grant = grant with { Chap = new(new("other", "labsecret12345"), User) };
                options = Options(chap);
                break;
            case "not found":
                options = options with { TargetName = Target + "2" };
                break;
            case "no RDMAExtensions":
                options = options with { Policy = KeyPolicy.OpenIscsi(iser: true).DoNotOffer(KeyId.RDMAExtensions) };
                break;
            case "out of resources" or "too many" or "no session" or "cannot include" or "target error":
                authority.Admission = expected;
                break;
            default:
                grant = LoginGrant.Refuse(expected);
                break;
        }
        authority.Grant = grant;
        var (initiator, target) = Run(options, authority, []);
        Assert.Equal(TargetLoginState.Failed, target.State);
        Assert.Equal(InitiatorLoginState.Failed, initiator.State);
        Assert.Equal(expected, target.Status);
        Assert.Equal(expected, initiator.Status);
        Assert.Equal(0, initiator.Tsih);
    }

    [Theory]
    [InlineData(LoginStatus.TargetMovedTemporarily)]
    [InlineData(LoginStatus.TargetMovedPermanently)]
    public void Redirection(LoginStatus status)
    {
        var (initiator, _) = Run(Options(), new Authority { Grant = new(status) { TargetAddress = "10.9.0.13:3260" } }, []);
        Assert.Equal(InitiatorLoginState.Redirected, initiator.State);
        Assert.Equal("10.9.0.13:3260", initiator.RedirectAddress);
    }

    [Fact]
    public void Discovery_needs_neither_a_target_nor_RDMAExtensions()
    {
        var (initiator, target) = Run(Options() with { TargetName = null, Policy = KeyPolicy.OpenIscsiDiscovery() }, new Authority(), []);
        Assert.Equal(InitiatorLoginState.FullFeature, initiator.State);
        Assert.True(target.Identity!.IsDiscovery);
        Assert.Equal(8192, target.Parameters.PeerMaxRecvDataSegmentLength);
    }

    [Fact]
    public void A_login_without_proof_may_pass_the_security_stage()
    {
        var trace = new List<string>();
        var (initiator, _) = Run(Options() with { SecurityStage = true }, new Authority(), trace);
        Assert.Equal(InitiatorLoginState.FullFeature, initiator.State);
        Assert.Contains("AuthMethod=None", trace[1]);
        Assert.Equal(4, trace.Count);
    }

    [Fact]
    public void An_initiator_that_offers_CHAP_or_None_passes_a_target_that_wants_none()
    {
        var (initiator, _) = Run(Options(new(User, null)) with { AuthenticationOptional = true }, new Authority(), []);
        Assert.Equal(InitiatorLoginState.FullFeature, initiator.State);
    }

    [Fact]
    public void Our_own_challenge_handed_back_is_refused()
    {
        var authority = new Authority();
        authority.Grant = authority.Grant with { Chap = new(TargetUser, User) };
        var target = new TargetLogin(authority, true, new(1));
        var data = new byte[8192];
        Step(target, false, LoginStage.Security, $"InitiatorName={Initiator} TargetName={Target} AuthMethod=CHAP", data, out _);
        var challenge = Step(target, false, LoginStage.Security, "CHAP_A=5", data, out _).Split(' ');
        var identifier = byte.Parse(challenge[1]["CHAP_I=".Length..]);
        var bytes = Convert.FromHexString(challenge[2]["CHAP_C=0x".Length..]);
        var proof = new byte[16];
        Chap.Respond(ChapAlgorithm.Md5, identifier, User.Secret, bytes, proof);
        Step(target, true, LoginStage.Security, $"CHAP_N=labuser CHAP_R=0x{Convert.ToHexString(proof)} CHAP_I=9 CHAP_C=0b{Convert.ToBase64String(bytes)}", data, out var response);
        Assert.Equal(LoginStatus.AuthenticationFailure, response.Status);
        Assert.Equal("chap-reflection", target.Violation?.Rule);
    }

    [Fact]
    public void Base64_and_both_cases_of_hexadecimal_are_taken_for_a_response()
    {
        foreach (var form in Enumerable.Range(0, 3))
        {
            var authority = new Authority();
            authority.Grant = authority.Grant with { Chap = new(null, User) };
            var target = new TargetLogin(authority, true, new(1));
            var data = new byte[8192];
            Step(target, false, LoginStage.Security, $"InitiatorName={Initiator} TargetName={Target} AuthMethod=None,CHAP", data, out _);
            var challenge = Step(target, false, LoginStage.Security, "CHAP_A=99,7,5", data, out _).Split(' ');
            Assert.Equal("CHAP_A=7", challenge[0]);
            var proof = new byte[32];
            Chap.Respond(ChapAlgorithm.Sha256, byte.Parse(challenge[1]["CHAP_I=".Length..]), User.Secret, Convert.FromHexString(challenge[2]["CHAP_C=0x".Length..]), proof);
            var text = form switch { 0 => "0x" + Convert.ToHexString(proof), 1 => "0X" + Convert.ToHexStringLower(proof), _ => "0b" + Convert.ToBase64String(proof) };
            Assert.Equal("", Step(target, true, LoginStage.Security, $"CHAP_N=labuser CHAP_R={text}", data, out var response));
            Assert.True(response.Transit);
            Assert.Equal(TargetLoginState.Operational, target.State);
        }
    }

    [Theory]
    [InlineData("no name", LoginStatus.MissingParameter)]
    [InlineData("no target", LoginStatus.MissingParameter)]
    [InlineData("type", LoginStatus.SessionTypeNotSupported)]
    [InlineData("version", LoginStatus.UnsupportedVersion)]
    [InlineData("not immediate", LoginStatus.InvalidDuringLogin)]
    [InlineData("T and C", LoginStatus.InvalidDuringLogin)]
    [InlineData("stage 2", LoginStatus.InvalidDuringLogin)]
    [InlineData("stage 3", LoginStatus.InvalidDuringLogin)]
    [InlineData("backwards", LoginStatus.InvalidDuringLogin)]
    [InlineData("format", LoginStatus.InitiatorError)]
    [InlineData("twice", LoginStatus.InitiatorError)]
    public void Broken_first_requests(string how, LoginStatus expected)
    {
        var text = $"InitiatorName={Initiator} TargetName={Target} RDMAExtensions=Yes";
        var request = new LoginRequestPdu { Transit = true, CurrentStage = LoginStage.Operational, NextStage = LoginStage.FullFeature };
        switch (how)
        {
            case "no name": text = $"TargetName={Target}"; break;
            case "no target": text = $"InitiatorName={Initiator}"; break;
            case "type": text += " SessionType=Other"; break;
            case "version": request = request with { VersionMin = 1, VersionMax = 1 }; break;
            case "not immediate": request = request with { Immediate = false }; break;
            case "T and C": request = request with { Continue = true }; break;
            case "stage 2": request = request with { CurrentStage = LoginStage.Reserved }; break;
            case "stage 3": request = request with { CurrentStage = LoginStage.FullFeature }; break;
            case "backwards": request = request with { NextStage = LoginStage.Operational }; break;
            case "format": text += " x"; break;
            case "twice": text += " RDMAExtensions=Yes"; break;
        }
        var target = new TargetLogin(new Authority(), true, new(1));
        target.Handle(request, Encoding.ASCII.GetBytes(text.Replace(' ', '\0') + "\0"), new byte[8192], out var response);
        Assert.Equal(expected, response.Status);
        Assert.Equal(TargetLoginState.Failed, target.State);
        Assert.NotNull(target.Violation);
        Assert.False(response.Transit);
    }

    [Fact]
    public void What_must_stay_constant_is_watched_and_the_exchange_is_bounded()
    {
        foreach (var change in new Func<LoginRequestPdu, LoginRequestPdu>[]
        {
            r => r with { Isid = new(9) }, r => r with { Tsih = 9 }, r => r with { Cid = 9 }, r => r with { InitiatorTaskTag = new(9) },
            r => r with { CmdSn = new(9) }, r => r with { CurrentStage = LoginStage.Security },
        })
        {
            var login = new TargetLogin(new Authority(), true, new(1));
            var data = new byte[8192];
            Step(login, false, LoginStage.Operational, $"InitiatorName={Initiator} TargetName={Target}", data, out _);
            login.Handle(change(new() { CurrentStage = LoginStage.Operational }), default, data, out var response);
            Assert.Equal(LoginStatus.InvalidDuringLogin, response.Status);
        }
        var endless = new TargetLogin(new Authority(), true, new(1));
        var buffer = new byte[8192];
        Step(endless, false, LoginStage.Operational, $"InitiatorName={Initiator} TargetName={Target}", buffer, out var last);
        for (var i = 1; i < TargetLogin.MaxRequests; i++) Step(endless, false, LoginStage.Operational, "", buffer, out last);
        Assert.Equal(LoginStatus.Success, last.Status);
        Step(endless, false, LoginStage.Operational, "", buffer, out last);
        Assert.Equal(LoginStatus.InitiatorError, last.Status);
    }

    [Fact]
    public void Texts_are_continued_in_both_directions()
    {
        var authority = new Authority();
        var target = new TargetLogin(authority, true, new(1), maxData: 64);
        var data = new byte[8192];
        var request = new LoginRequestPdu { CurrentStage = LoginStage.Operational, NextStage = LoginStage.FullFeature };
        byte[] text = Encoding.ASCII.GetBytes($"InitiatorName={Initiator}\0TargetName={Target}\0InitialR2T=No\0ImmediateData=Yes\0MaxBurstLength=1024\0RDMAExtensions=Yes\0");
        target.Handle(request with { Continue = true }, text.AsSpan(0, 70), data, out var response);
        Assert.True(response is { DataSegmentLength: 0, Transit: false, Continue: false });
        target.Handle(request with { Transit = true }, text.AsSpan(70), data, out response);
        var answer = new StringBuilder();
        while (true)
        {
            answer.Append(Encoding.ASCII.GetString(data, 0, response.DataSegmentLength));
            if (!response.Continue) break;
            Assert.False(response.Transit);
            Assert.Equal(64, response.DataSegmentLength);
            Assert.Equal(0, authority.Admissions);
            target.Handle(request with { Transit = true }, default, data, out response);
        }
        Assert.True(response.Transit);
        Assert.Equal("TargetAlias=LIO Target\0TargetPortalGroupTag=1\0InitialR2T=Yes\0ImmediateData=Yes\0MaxBurstLength=1024\0RDMAExtensions=Yes\0", answer.ToString());
        Assert.Equal(1, authority.Admissions);

        var rude = new TargetLogin(new Authority(), true, new(1), maxData: 64);
        rude.Handle(request with { Transit = true }, text, data, out response);
        Assert.True(response.Continue);
        rude.Handle(request with { Transit = true }, "x=y\0"u8, data, out response);
        Assert.Equal(LoginStatus.InvalidDuringLogin, response.Status);
    }

    [Fact]
    public void An_initiator_refuses_what_a_target_must_not_do()
    {
        Assert.Equal("auth-method", Against(Options(new(User, null)), (0x81, "")));
        Assert.Equal("auth-method", Against(Options(new(User, null)), (0x00, "AuthMethod=None")));
        Assert.Equal("chap-algorithm", Against(Options(new(User, null) { Algorithms = [ChapAlgorithm.Md5] }), (0x00, "AuthMethod=CHAP"), (0x00, "CHAP_A=7 CHAP_I=1 CHAP_C=0x00")));
        Assert.Equal("chap-challenge", Against(Options(new(User, null)), (0x00, "AuthMethod=CHAP"), (0x00, "CHAP_A=5")));
        Assert.Equal("chap-value", Against(Options(new(User, null)), (0x00, "AuthMethod=CHAP"), (0x00, "CHAP_A=5 CHAP_I=256 CHAP_C=0x00")));
        Assert.Equal("chap-response", Against(Options(new(User, TargetUser)), (0x00, "AuthMethod=CHAP"), (0x00, "CHAP_A=5 CHAP_I=1 CHAP_C=0x00"), (0x81, "")));
        Assert.Equal("rdma-extensions", Against(Options(), (0x87, "")));
        Assert.Equal("rdma-extensions", Against(Options(), (0x87, "RDMAExtensions=No")));
        Assert.Equal("key-negotiation", Against(Options(), (0x87, "RDMAExtensions=Yes ErrorRecoveryLevel=1")));
        Assert.Equal("login-stage", Against(Options(), (0x83, "")));
        Assert.Equal("login-flags", Against(Options(), (0xC7, "")));
        Assert.Equal("text-format", Against(Options(), (0x87, "x")));
        Assert.Equal("login-length", Against(Options(), [.. Enumerable.Repeat(((byte)0x04, ""), 40)]));
        Assert.Throws<ArgumentException>(() => new InitiatorLogin(Options(new(User, new("t", "labsecret12345"))), new Authority()));
    }

    [Fact]
    public void Noise_never_makes_a_login_throw()
    {
        var random = new System.Random(4);
        var requests = CapturedPdu.All.Where(c => (c.Pdu[0] & 0x3F) == 3).ToArray();
        var responses = CapturedPdu.All.Where(c => (c.Pdu[0] & 0x3F) == 0x23).ToArray();
        var data = new byte[8192];
        var handled = 0L;
        for (var i = 0; handled < Fuzz.Fuzzer.Iterations; i++)
        {
            var authority = new Authority();
            if (i % 2 == 0) authority.Grant = authority.Grant with { Chap = new(TargetUser, User) };
            var target = new TargetLogin(authority, i % 3 != 0, new((uint)i));
            for (var k = 0; k < 6 && !target.IsFinished; k++)
            {
                var (bytes, text) = Damage(requests[random.Next(requests.Length)], random);
                Assert.True(Bhs.TryRead(bytes, out var bhs));
                target.Handle(new LoginRequestPdu { Bhs = bhs }, text, data, out var response);
                Assert.InRange(response.DataSegmentLength, 0, TargetLogin.MaxResponseData);
                Assert.Equal(target.State == TargetLoginState.Failed, response.Status != LoginStatus.Success);
                handled++;
            }
            var initiator = new InitiatorLogin(Options(i % 2 == 0 ? new(User, TargetUser) : null), authority);
            initiator.Start(data, out _);
            for (var k = 0; k < 6 && !initiator.IsFinished; k++)
            {
                var (bytes, text) = Damage(responses[random.Next(responses.Length)], random);
                Assert.True(Bhs.TryRead(bytes, out var bhs));
                initiator.Handle(new LoginResponsePdu { Bhs = bhs } with { InitiatorTaskTag = default, Isid = Options().Isid }, text, data, out _);
                handled++;
            }
        }
        Fuzz.Fuzzer.Report(handled);
    }

    private static (byte[] Header, byte[] Text) Damage(CapturedPdu pdu, System.Random random)
    {
        var header = pdu.Pdu[..Bhs.Length].ToArray();
        var text = pdu.Pdu[Bhs.Length..].ToArray();
        if (random.Next(4) == 0) header[random.Next(1, 48)] = (byte)random.Next(256);
        for (var k = random.Next(0, 4); k > 0 && text.Length > 0; k--) text[random.Next(text.Length)] = (byte)random.Next(256);
        return (header, text);
    }

    private static string? Against(InitiatorLoginOptions options, params (byte Flags, string Text)[] responses)
    {
        var login = new InitiatorLogin(options, new Authority());
        var data = new byte[8192];
        login.Start(data, out var request);
        foreach (var (flags, text) in responses)
        {
            var bytes = new byte[48];
            (bytes[0], bytes[1], bytes[15]) = (0x23, flags, 1);
            Assert.True(Bhs.TryRead(bytes, out var bhs));
            var response = new LoginResponsePdu { Bhs = bhs } with { Isid = options.Isid };
            if (!login.Handle(response, text.Length == 0 ? [] : Encoding.ASCII.GetBytes(text.Replace(' ', '\0') + "\0"), data, out request)) break;
        }
        Assert.Equal(InitiatorLoginState.Failed, login.State);
        return login.Violation?.Rule;
    }

    private static string Step(TargetLogin login, bool transit, LoginStage stage, string text, byte[] data, out LoginResponsePdu response)
    {
        var request = new LoginRequestPdu { Transit = transit, CurrentStage = stage, NextStage = transit ? stage == LoginStage.Security ? LoginStage.Operational : LoginStage.FullFeature : 0 };
        login.Handle(request, text.Length == 0 ? [] : Encoding.ASCII.GetBytes(text.Replace(' ', '\0') + "\0"), data, out response);
        return Show(data.AsSpan(0, response.DataSegmentLength)).Replace("LIO Target", "LIO-Target");
    }

    private static (InitiatorLogin Initiator, TargetLogin Target) Run(InitiatorLoginOptions options, Authority authority, List<string> trace)
    {
        var initiator = new InitiatorLogin(options, new Authority { Next = 0x80 });
        var target = new TargetLogin(authority, options.Iser, new(100));
        var (up, down) = (new byte[8192], new byte[8192]);
        initiator.Start(up, out var request);
        for (var rounds = 0; rounds < 10; rounds++)
        {
            trace.Add(Show(up.AsSpan(0, request.DataSegmentLength)));
            Assert.Equal(initiator.ExpStatSn, request.ExpStatSn);
            target.Handle(request, up.AsSpan(0, request.DataSegmentLength), down, out var response);
            trace.Add(Show(down.AsSpan(0, response.DataSegmentLength)));
            if (!initiator.Handle(response, down.AsSpan(0, response.DataSegmentLength), up, out request)) break;
        }
        Assert.True(initiator.IsFinished);
        return (initiator, target);
    }

    private sealed class Scripted : IChallengeSource
    {
        public Queue<byte[]> Bytes { get; } = [];
        public void Draw(Span<byte> target) => Bytes.Dequeue().CopyTo(target);
    }
}
