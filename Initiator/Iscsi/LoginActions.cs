using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

/// <summary>Login status to action, as open-iscsi decides. RFC 7143 §11.13.5 for the statuses.</summary>
internal static class LoginActions
{
    public static LoginAction After(ConnectionLoss loss) => loss.Kind switch
    {
        LossKind.LoginRefused => After(loss.Status, loss.RedirectAddress is not null),
        LossKind.NegotiationFailed => LoginAction.GiveUp,
        _ => LoginAction.Retry,
    };

    public static LoginAction After(LoginStatus status, bool hasAddress) => ((ushort)status >> 8, status) switch
    {
        (1, LoginStatus.TargetMovedPermanently) when hasAddress => LoginAction.RedirectForGood,
        (1, LoginStatus.TargetMovedTemporarily) when hasAddress => LoginAction.RedirectOnce,
        (3, _) => LoginAction.Retry,
        _ => LoginAction.GiveUp,
    };

    public static LoginFailure FailureOf(ConnectionLoss loss) => loss.Kind switch
    {
        LossKind.LoginTimeout => LoginFailure.Timeout,
        LossKind.NegotiationFailed or LossKind.ProtocolError => LoginFailure.Negotiation,
        LossKind.Dropped or LossKind.LoggedOut => LoginFailure.Closed,
        LossKind.LoginRefused => loss.Status switch
        {
            LoginStatus.AuthenticationFailure or LoginStatus.AuthorizationFailure => LoginFailure.Authorization,
            _ when (ushort)loss.Status >> 8 == 3 => LoginFailure.Retriable,
            _ => LoginFailure.Fatal,
        },
        _ => LoginFailure.Transport,
    };
}
