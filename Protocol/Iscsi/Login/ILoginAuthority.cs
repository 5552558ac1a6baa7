namespace Weft.Protocol.Iscsi.Login;

/// <summary>What a <see cref="TargetLogin"/> asks of the target it belongs to.</summary>
public interface ILoginAuthority : IChallengeSource
{
    /// <summary>After the first request: is there such a target, may this initiator have it, on which terms.</summary>
    LoginGrant Resolve(LoginIdentity identity);

    /// <summary>
    /// Before the final response: makes the session (terminating an old one of the same name, ISID and portal group) and gives it a
    /// TSIH other than 0; or refuses. Resources of the full feature phase must be ready when this returns success.
    /// </summary>
    LoginStatus Admit(TargetLogin login, out ushort tsih);
}
