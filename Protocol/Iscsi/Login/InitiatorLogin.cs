using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>
/// The initiator's half of a login: <see cref="Start"/> makes the first request, each response makes the next one, until
/// <see cref="IsFinished"/>. RFC 7143 §6.3, RFC 7145 §5.1. Knows no connection, clock or randomness.
/// </summary>
public sealed class InitiatorLogin
{
    public const int MaxRequests = 32;
    /// <summary>Data bytes of one request that every target takes.</summary>
    public const int MaxRequestData = 8192;

    private readonly InitiatorLoginOptions options;
    private readonly IChallengeSource challenges;
    private readonly KeyNegotiation negotiation;
    private readonly ChapExchange? chap;
    private readonly TextAssembler text = new(TextAssembler.DefaultBound);
    private int requests;
    private bool chapAgreed, excused, verified;

    public InitiatorLogin(InitiatorLoginOptions options, IChallengeSource challenges)
    {
        (this.options, this.challenges) = (options, challenges);
        negotiation = new(true, options.Policy, options.Iser) { IsDiscovery = options.IsDiscovery };
        if (options.Chap is null) return;
        if (options.Chap.Own is null) throw new ArgumentException("CHAP without an account of the initiator", nameof(options));
        if (options.Chap.SharesSecret) throw new ArgumentException("the same CHAP secret for both directions (RFC 7143 §12.1.3)", nameof(options));
        if (options.Chap.Peer is not null && options.AuthenticationOptional)
            throw new ArgumentException("a target that must prove itself cannot be let off", nameof(options));
        chap = new(options.Chap);
    }

    public InitiatorLoginState State { get; private set; }
    public bool IsFinished => State is InitiatorLoginState.FullFeature or InitiatorLoginState.Redirected or InitiatorLoginState.Failed;
    /// <summary>The status of the last response.</summary>
    public LoginStatus Status { get; private set; }
    /// <summary>Why it failed, if the target broke a rule.</summary>
    public Violation? Violation { get; private set; }
    /// <summary>Where to go, after a redirection; <c>host:port</c> or <c>host:port,tag</c>.</summary>
    public string? RedirectAddress { get; private set; }
    public ushort Tsih { get; private set; }
    /// <summary>StatSN of the connection's next status.</summary>
    public StatSn ExpStatSn { get; private set; }
    /// <summary>Numbers of the final response, for the command window.</summary>
    public CmdSn ExpCmdSn { get; private set; }
    public CmdSn MaxCmdSn { get; private set; }
    public SessionParameters Parameters => negotiation.Result;
    public KeyNegotiation Negotiation => negotiation;

    /// <summary>Makes the first request.</summary>
    /// <param name="requestData">Room for its data segment, at least <see cref="MaxRequestData"/>.</param>
    /// <param name="request">The request, its data length filled in.</param>
    public void Start(Span<byte> requestData, out LoginRequestPdu request)
    {
        if (State != InitiatorLoginState.Start) throw new InvalidOperationException($"login is in {State}");
        ExpStatSn = options.FirstExpStatSn;
        var writer = new TextKeyWriter(requestData[..MaxRequestData]);
        writer.Add("InitiatorName", options.InitiatorName);
        if (options.InitiatorAlias is { } alias) writer.Add("InitiatorAlias", alias);
        if (options.TargetName is { } target) writer.Add("TargetName", target);
        writer.Add("SessionType", options.IsDiscovery ? "Discovery" : "Normal");
        var security = chap is not null || options.SecurityStage;
        State = security ? InitiatorLoginState.Security : InitiatorLoginState.Operational;
        if (security) writer.Add("AuthMethod", chap is null ? "None" : options.AuthenticationOptional ? "CHAP,None" : "CHAP");
        else negotiation.Offer(LoginStage.Operational, ref writer);
        Next(writer, wantsTransit: chap is null || options.AuthenticationOptional, out request);
    }

    /// <summary>Takes a response. True if <paramref name="request"/> is to be sent; otherwise the login <see cref="IsFinished"/>.</summary>
    public bool Handle(in LoginResponsePdu response, ReadOnlySpan<byte> data, Span<byte> requestData, out LoginRequestPdu request)
    {
        request = default;
        if (IsFinished || State == InitiatorLoginState.Start) throw new InvalidOperationException($"login is in {State}");
        Status = response.Status;
        if (response.Status != LoginStatus.Success) return Refused(response, data);
        if (CheckHeader(response) is { } broken) return Fail(broken);
        ExpStatSn = response.StatSn.Next;
        (ExpCmdSn, MaxCmdSn) = (response.ExpCmdSn, response.MaxCmdSn);
        if (text.Append(data) is { } bound) return Fail(bound);

        var writer = new TextKeyWriter(requestData[..MaxRequestData]);
        if (response.Continue) return Next(writer, wantsTransit: false, out request); // ask for the rest
        if (TakeText(response, ref writer) is { } violation) return Fail(violation);
        text.Clear();
        if (response.Transit) return TakeTransit(response, ref writer, out request);
        return State switch
        {
            InitiatorLoginState.AwaitChallenge => Next(writer, wantsTransit: false, out request),
            _ => Next(writer, wantsTransit: true, out request),
        };
    }

    private LoginStage CurrentStage => State == InitiatorLoginState.Operational ? LoginStage.Operational : LoginStage.Security;
    private LoginStage WantedStage => CurrentStage == LoginStage.Security ? LoginStage.Operational : LoginStage.FullFeature;

    private Violation? CheckHeader(in LoginResponsePdu response)
    {
        if (response.InitiatorTaskTag != options.TaskTag) return Rule("login-constant", $"ITT {response.InitiatorTaskTag}, sent was {options.TaskTag}");
        if (response.Isid != options.Isid) return Rule("login-constant", $"ISID {response.Isid}, sent was {options.Isid}");
        if (response.VersionActive != 0) return Rule("login-version", $"VersionActive {response.VersionActive}");
        if (response.CurrentStage != CurrentStage) return Rule("login-stage", $"CSG {(int)response.CurrentStage}, sent was {(int)CurrentStage}");
        if (response.Transit && response.Continue) return Rule("login-flags", "T and C together");
        if (response.Transit && response.NextStage != WantedStage) return Rule("login-stage", $"NSG {(int)response.NextStage}, asked for {(int)WantedStage}");
        return null;
    }

    private Violation? TakeText(in LoginResponsePdu response, ref TextKeyWriter writer)
    {
        chap?.BeginMessage();
        string? method = null;
        var reader = new TextKeyReader(text.Text);
        while (reader.MoveNext())
        {
            var pair = reader.Current;
            if (pair.Is("AuthMethod"u8) && State == InitiatorLoginState.Security)
            {
                method = pair.ValueText;
                continue;
            }
            if (chap is not null && CurrentStage == LoginStage.Security && chap.TryTake(pair, out var malformed))
            {
                if (malformed is not null) return malformed;
                continue;
            }
            if (negotiation.Receive(pair, response.CurrentStage, ref writer) is { } violation) return violation;
        }
        return reader.Violation ?? (CurrentStage == LoginStage.Security ? Authenticate(method, ref writer) : null);
    }

    private Violation? Authenticate(string? method, ref TextKeyWriter writer)
    {
        switch (State)
        {
            case InitiatorLoginState.Security when chap is null:
                return method is null or "None" ? null : Rule("auth-method", $"AuthMethod={method} to an offer of None");
            case InitiatorLoginState.Security when options.AuthenticationOptional && (method == "None" || excused):
                excused = true;
                return null;
            case InitiatorLoginState.Security:
                if (method != "CHAP") return Rule("auth-method", $"AuthMethod={method ?? "(none)"} where CHAP was offered");
                chapAgreed = true;
                chap!.WriteAlgorithms(ref writer);
                State = InitiatorLoginState.AwaitChallenge;
                return null;
            case InitiatorLoginState.AwaitChallenge:
                if (!chap!.HasAlgorithm || !chap.TryTakeChosenAlgorithm()) return Rule("chap-algorithm", "CHAP_A is not one of those offered");
                if (!chap.HasChallenge) return Rule("chap-challenge", "no CHAP_I and CHAP_C");
                chap.WriteResponse(ref writer);
                if (chap.Settings.Peer is not null) chap.WriteChallenge(challenges, ref writer);
                State = InitiatorLoginState.AwaitVerdict;
                return null;
            case InitiatorLoginState.AwaitVerdict:
                if (verified || chap!.Settings.Peer is null) return null;
                if (!chap.HasResponse || !chap.VerifyResponse()) return Rule("chap-response", "the target did not prove its secret");
                verified = true;
                return null;
            default:
                return null;
        }
    }

    private bool TakeTransit(in LoginResponsePdu response, ref TextKeyWriter writer, out LoginRequestPdu request)
    {
        request = default;
        if (CurrentStage == LoginStage.Security)
        {
            // a target that lets us pass without having asked for the proof that we insist on
            if (chap is not null && !excused && (!chapAgreed || State != InitiatorLoginState.AwaitVerdict))
                return Fail(Rule("auth-method", "transition without authentication"));
            State = InitiatorLoginState.Operational;
            negotiation.Offer(LoginStage.Operational, ref writer);
            return Next(writer, wantsTransit: true, out request);
        }
        negotiation.EnterFullFeature();
        if (response.Tsih == 0) return Fail(Rule("login-tsih", "TSIH 0 in the final response"));
        var agreed = Parameters;
        if (options.Iser && !options.IsDiscovery && !agreed.RdmaExtensions) return Fail(Rule("rdma-extensions", "RDMAExtensions=Yes was not answered"));
        if (agreed.ErrorRecoveryLevel != 0) return Fail(Rule("error-recovery", $"ErrorRecoveryLevel={agreed.ErrorRecoveryLevel}"));
        Tsih = response.Tsih;
        State = InitiatorLoginState.FullFeature;
        return false;
    }

    private bool Next(scoped TextKeyWriter writer, bool wantsTransit, out LoginRequestPdu request)
    {
        request = default;
        if (writer.Overflowed) return Fail(Rule("text-bound", $"more than {MaxRequestData} bytes to send"));
        if (++requests > MaxRequests) return Fail(Rule("login-length", $"not done after {MaxRequests} requests"));
        request = new()
        {
            Transit = wantsTransit,
            CurrentStage = CurrentStage,
            NextStage = wantsTransit ? WantedStage : LoginStage.Security,
            Isid = options.Isid,
            Cid = options.Cid,
            InitiatorTaskTag = options.TaskTag,
            CmdSn = options.FirstCmdSn,
            ExpStatSn = ExpStatSn,
            DataSegmentLength = writer.Length,
        };
        return true;
    }

    private bool Refused(in LoginResponsePdu response, ReadOnlySpan<byte> data)
    {
        State = InitiatorLoginState.Failed;
        if (response.Status is not (LoginStatus.TargetMovedTemporarily or LoginStatus.TargetMovedPermanently)) return false;
        var reader = new TextKeyReader(data);
        while (reader.MoveNext())
            if (reader.Current.Is("TargetAddress"u8)) RedirectAddress = reader.Current.ValueText;
        if (RedirectAddress is not null) State = InitiatorLoginState.Redirected;
        else Violation = Rule("redirect", "no TargetAddress");
        return false;
    }

    private bool Fail(Violation violation)
    {
        Violation = violation;
        State = InitiatorLoginState.Failed;
        return false;
    }

    private static Violation Rule(string rule, string detail) => new(rule, "RFC 7143 §6.3", detail);
}
