using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>
/// The target's half of a login: one request in, one response out, until <see cref="State"/> is FullFeature or Failed.
/// RFC 7143 §6.3, RFC 7145 §5.1. Knows no connection, clock or randomness.
/// </summary>
public sealed class TargetLogin
{
    /// <summary>Requests that one login may take; a peer that needs more is refused.</summary>
    public const int MaxRequests = 32;
    /// <summary>Data bytes of one login response that every peer takes: the default MaxRecvDataSegmentLength.</summary>
    public const int MaxResponseData = 8192;
    private const int MaxAnswers = 2 * MaxResponseData;

    private readonly ILoginAuthority authority;
    private readonly bool iser;
    private readonly int maxData;
    private readonly TextAssembler text = new(TextAssembler.DefaultBound);
    private readonly byte[] answers = new byte[MaxAnswers];
    private int answersLength, answersSent;
    private LoginRequestPdu first;
    private ChapExchange? chap;
    private KeyNegotiation negotiation = new(false, new KeyPolicy(), false);
    private int requests;
    private bool transit;
    private StatSn statSn;

    /// <param name="authority">The target.</param>
    /// <param name="iser">Whether the connection is RDMA; a normal session must then agree on RDMAExtensions=Yes.</param>
    /// <param name="firstStatSn">StatSN of the first response.</param>
    /// <param name="maxData">Data bytes of a response, at most <see cref="MaxResponseData"/>.</param>
    public TargetLogin(ILoginAuthority authority, bool iser, StatSn firstStatSn, int maxData = MaxResponseData)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxData, MaxResponseData);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxData, 64);
        (this.authority, this.iser, this.maxData, statSn) = (authority, iser, maxData, firstStatSn);
    }

    public TargetLoginState State { get; private set; }
    public bool IsFinished => State is TargetLoginState.FullFeature or TargetLoginState.Failed;
    /// <summary>Known after the first request.</summary>
    public LoginIdentity? Identity { get; private set; }
    public LoginGrant? Grant { get; private set; }
    /// <summary>Why it failed: the status that was sent.</summary>
    public LoginStatus Status { get; private set; }
    /// <summary>What rule the peer broke, if that is why it failed.</summary>
    public Violation? Violation { get; private set; }
    public ushort Tsih { get; private set; }
    /// <summary>StatSN of the next status of the connection.</summary>
    public StatSn NextStatSn => statSn;
    /// <summary>CmdSN of the login, which the first command uses again.</summary>
    public CmdSn FirstCmdSn => first.CmdSn;
    public SessionParameters Parameters => negotiation.Result;
    /// <summary>The negotiation, which later Text Requests of the session go on with.</summary>
    public KeyNegotiation Negotiation => negotiation;

    /// <summary>Handles one request and makes its response.</summary>
    /// <param name="request">Header of the request.</param>
    /// <param name="data">Its data segment without padding.</param>
    /// <param name="responseData">Room for the response's data segment, at least the maxData of the constructor.</param>
    /// <param name="response">The response, its data length filled in.</param>
    public void Handle(in LoginRequestPdu request, ReadOnlySpan<byte> data, Span<byte> responseData, out LoginResponsePdu response)
    {
        if (IsFinished) throw new InvalidOperationException($"login is over: {State}");
        response = Run(request, data, responseData) is { } refusal ? Refused(request, refusal, responseData) : Answer(request, responseData);
        statSn = statSn.Next;
    }

    /// <summary>Returns the status of a refusal, or null to answer.</summary>
    private LoginStatus? Run(in LoginRequestPdu request, ReadOnlySpan<byte> data, Span<byte> responseData)
    {
        if (CheckHeader(request) is { } bad) return bad;
        if (requests++ == 0) first = request;
        if (requests > MaxRequests) return Break(LoginStatus.InitiatorError, "login-length", $"more than {MaxRequests} requests");
        if (State == TargetLoginState.Start)
            State = request.CurrentStage == LoginStage.Security ? TargetLoginState.Security : TargetLoginState.Operational;

        if (answersSent < answersLength) // our text went on: the peer must only ask for the rest, RFC 7143 §6.2
            return data.IsEmpty && !request.Continue
                ? Conclude(request)
                : Break(LoginStatus.InvalidDuringLogin, "c-bit", "text while a response with the C bit is out");
        if (text.Append(data) is { } bound) return Break(LoginStatus.InitiatorError, bound);
        transit = false;
        if (request.Continue) return null;

        (answersLength, answersSent) = (0, 0);
        var writer = new TextKeyWriter(answers);
        var failure = Identity is null ? Begin(request, ref writer) : null;
        failure ??= TakeText(request, ref writer);
        text.Clear();
        if (failure is not null) return failure;
        if (writer.Overflowed) return Break(LoginStatus.InitiatorError, "text-bound", $"answers of more than {MaxAnswers} bytes");
        answersLength = writer.Length;
        return Conclude(request);
    }

    /// <summary>Agrees to a transition if the stage is done and this response carries the last of the text.</summary>
    private LoginStatus? Conclude(in LoginRequestPdu request)
    {
        transit = request.Transit && StageIsDone && answersLength - answersSent <= maxData;
        return transit ? CheckTransit(request) : null;
    }

    private LoginStatus? CheckHeader(in LoginRequestPdu request)
    {
        if (!request.Immediate) return Break(LoginStatus.InvalidDuringLogin, "login-immediate", "the I bit is clear");
        if (request.VersionMin != 0) return Break(LoginStatus.UnsupportedVersion, "login-version", $"VersionMin {request.VersionMin}");
        if (request.Transit && request.Continue) return Break(LoginStatus.InvalidDuringLogin, "login-flags", "T and C together");
        if (request.CurrentStage is LoginStage.Reserved or LoginStage.FullFeature)
            return Break(LoginStatus.InvalidDuringLogin, "login-stage", $"CSG {(int)request.CurrentStage}");
        if (request.Transit && (request.NextStage <= request.CurrentStage || request.NextStage == LoginStage.Reserved))
            return Break(LoginStatus.InvalidDuringLogin, "login-stage", $"NSG {(int)request.NextStage} from CSG {(int)request.CurrentStage}");
        if (State == TargetLoginState.Start) return null;
        if (request.CurrentStage != CurrentStage)
            return Break(LoginStatus.InvalidDuringLogin, "login-stage", $"CSG {(int)request.CurrentStage}, expected {(int)CurrentStage}");
        if (request.Isid != first.Isid || request.Tsih != first.Tsih || request.Cid != first.Cid
            || request.InitiatorTaskTag != first.InitiatorTaskTag || request.CmdSn != first.CmdSn)
            return Break(LoginStatus.InvalidDuringLogin, "login-constant", "ISID, TSIH, CID, ITT or CmdSN changed");
        return null;
    }

    private LoginStage CurrentStage => State == TargetLoginState.Operational ? LoginStage.Operational : LoginStage.Security;

    private bool StageIsDone => State switch
    {
        TargetLoginState.Operational or TargetLoginState.Authenticated => true,
        TargetLoginState.Security => Grant is { Chap: null }, // a demand for CHAP was refused already if the peer does not offer it
        _ => false,
    };

    /// <summary>The first text: who, what, and whether that is allowed.</summary>
    private LoginStatus? Begin(in LoginRequestPdu request, ref TextKeyWriter writer)
    {
        string? name = null, alias = null, target = null, type = null;
        var reader = new TextKeyReader(text.Text);
        while (reader.MoveNext())
        {
            if (reader.Current.Is("InitiatorName"u8)) name = reader.Current.ValueText;
            else if (reader.Current.Is("InitiatorAlias"u8)) alias = reader.Current.ValueText;
            else if (reader.Current.Is("TargetName"u8)) target = reader.Current.ValueText;
            else if (reader.Current.Is("SessionType"u8)) type = reader.Current.ValueText;
        }
        if (reader.Violation is { } violation) return Break(LoginStatus.InitiatorError, violation);
        if (type is not (null or "Normal" or "Discovery"))
            return Break(LoginStatus.SessionTypeNotSupported, "session-type", $"SessionType={type}");
        var discovery = type == "Discovery";
        if (string.IsNullOrEmpty(name)) return Break(LoginStatus.MissingParameter, "login-missing", "no InitiatorName in the first text");
        if (!discovery && string.IsNullOrEmpty(target))
            return Break(LoginStatus.MissingParameter, "login-missing", "no TargetName in the first text of a normal session");

        Identity = new(name, alias, target, discovery, request.Isid, request.Tsih, request.Cid);
        Grant = authority.Resolve(Identity);
        if (Grant.Status != LoginStatus.Success)
        {
            if (Grant.TargetAddress is { } address) writer.Add("TargetAddress", address);
            answersLength = writer.Length;
            return Grant.Status;
        }
        if (Grant.Chap is { SharesSecret: true })
            return Break(LoginStatus.AuthenticationFailure, "chap-secret", "the same secret is configured for both directions");
        negotiation = new(false, Grant.Policy, iser) { IsDiscovery = discovery };
        if (Grant.Chap is not null)
        {
            chap = new(Grant.Chap);
            if (request.CurrentStage != LoginStage.Security) return LoginStatus.AuthenticationFailure;
        }
        // RFC 7143 §13.9: with the first response to a login that names a known target; LIO and tgt give it to discovery too
        if (Grant.Alias is { } own) writer.Add("TargetAlias", own);
        if (Grant.PortalGroupTag is { } tag) writer.Add("TargetPortalGroupTag", tag);
        return null;
    }

    private LoginStatus? TakeText(in LoginRequestPdu request, ref TextKeyWriter writer)
    {
        chap?.BeginMessage();
        var offersAuthentication = false;
        var reader = new TextKeyReader(text.Text);
        while (reader.MoveNext())
        {
            var pair = reader.Current;
            if (pair.Is("AuthMethod"u8) && State is TargetLoginState.Security)
            {
                if (offersAuthentication) return Break(LoginStatus.InitiatorError, "key-negotiation", "AuthMethod twice");
                offersAuthentication = true;
                if (TakeAuthMethod(pair, ref writer) is { } refusal) return refusal;
                continue;
            }
            if (chap is not null && CurrentStage == LoginStage.Security && chap.TryTake(pair, out var malformed))
            {
                if (malformed is not null) return Break(LoginStatus.AuthenticationFailure, malformed);
                continue;
            }
            if (negotiation.Receive(pair, request.CurrentStage, ref writer) is { } violation) return Break(LoginStatus.InitiatorError, violation);
        }
        if (reader.Violation is { } format) return Break(LoginStatus.InitiatorError, format);
        return chap is null ? null : Authenticate(request, offersAuthentication, ref writer);
    }

    private LoginStatus? TakeAuthMethod(scoped TextPair pair, ref TextKeyWriter writer)
    {
        var wanted = chap is null ? "None"u8 : "CHAP"u8;
        if (!TextValue.ListContains(pair.Value, wanted))
        {
            return Break(LoginStatus.AuthenticationFailure, "auth-method", $"AuthMethod={pair.ValueText}, needed is {(chap is null ? "None" : "CHAP")}");
        }
        writer.Add("AuthMethod"u8, wanted);
        if (chap is not null) State = TargetLoginState.AwaitAlgorithm;
        return null;
    }

    /// <summary>The CHAP step that this text makes, if it makes one.</summary>
    private LoginStatus? Authenticate(in LoginRequestPdu request, bool justAgreed, ref TextKeyWriter writer)
    {
        switch (State)
        {
            case TargetLoginState.Security:
                return Break(LoginStatus.AuthenticationFailure, "auth-method", "no AuthMethod where CHAP is demanded");
            case TargetLoginState.AwaitAlgorithm when justAgreed && !chap!.HasAny:
                return null;
            case TargetLoginState.AwaitAlgorithm:
                if (!chap!.HasAlgorithm || !chap.TryChooseAlgorithm())
                    return Break(LoginStatus.AuthenticationFailure, "chap-algorithm", "no CHAP_A that both sides know");
                writer.Add("CHAP_A", (byte)chap.Algorithm);
                chap.WriteChallenge(authority, ref writer);
                State = TargetLoginState.AwaitResponse;
                return null;
            case TargetLoginState.AwaitResponse:
                if (!chap!.HasResponse || !chap.VerifyResponse())
                    return Break(LoginStatus.AuthenticationFailure, "chap-response", $"{chap.PeerName ?? "nobody"} did not prove its secret");
                if (chap.HasChallenge)
                {
                    if (chap.IsReflected) return Break(LoginStatus.AuthenticationFailure, "chap-reflection", "our own challenge came back");
                    if (chap.Settings.Own is null) return Break(LoginStatus.AuthenticationFailure, "chap-mutual", "no account of the target to prove");
                    chap.WriteResponse(ref writer);
                }
                State = TargetLoginState.Authenticated;
                chap = null; // nothing of the exchange may reach a later text
                return null;
            default:
                return null;
        }
    }

    private LoginStatus? CheckTransit(in LoginRequestPdu request)
    {
        if (request.NextStage != LoginStage.FullFeature) return null;
        if (iser && !Identity!.IsDiscovery && !negotiation.Result.RdmaExtensions)
            return Break(LoginStatus.InitiatorError, "rdma-extensions", "RDMAExtensions=Yes was not agreed on an RDMA connection");
        var status = authority.Admit(this, out var tsih);
        if (status != LoginStatus.Success) return status;
        Tsih = tsih;
        return null;
    }

    private LoginResponsePdu Answer(in LoginRequestPdu request, Span<byte> responseData)
    {
        var length = Math.Min(answersLength - answersSent, maxData);
        answers.AsSpan(answersSent, length).CopyTo(responseData);
        answersSent += length;
        var response = Head(request) with
        {
            Transit = transit,
            Continue = answersSent < answersLength,
            CurrentStage = request.CurrentStage,
            DataSegmentLength = length,
        };
        if (!transit) return response;
        var next = request.NextStage;
        State = next == LoginStage.Operational ? TargetLoginState.Operational : TargetLoginState.FullFeature;
        response = response with { NextStage = next };
        if (State != TargetLoginState.FullFeature) return response;
        negotiation.EnterFullFeature();
        return response with { Tsih = Tsih, MaxCmdSn = first.CmdSn + (uint)Grant!.CommandWindowDepth - 1 };
    }

    private LoginResponsePdu Refused(in LoginRequestPdu request, LoginStatus status, Span<byte> responseData)
    {
        State = TargetLoginState.Failed;
        Status = status;
        var length = status is LoginStatus.TargetMovedTemporarily or LoginStatus.TargetMovedPermanently ? Math.Min(answersLength, maxData) : 0;
        answers.AsSpan(0, length).CopyTo(responseData);
        return Head(request) with { CurrentStage = request.CurrentStage, Status = status, DataSegmentLength = length };
    }

    // until full feature phase the window holds only the command after the login, as LIO has it
    private LoginResponsePdu Head(in LoginRequestPdu request) => new()
    {
        Isid = request.Isid,
        Tsih = request.Tsih,
        InitiatorTaskTag = request.InitiatorTaskTag,
        StatSn = statSn,
        ExpCmdSn = request.CmdSn,
        MaxCmdSn = request.CmdSn,
    };

    private LoginStatus Break(LoginStatus status, string rule, string detail) => Break(status, new Violation(rule, "RFC 7143 §6.3", detail));

    private LoginStatus Break(LoginStatus status, Violation violation)
    {
        Violation = violation;
        return status;
    }
}
