using Weft.Protocol.Iscsi.Login;

namespace Weft.Initiator.Iscsi;

/// <summary>What one connection needs to know: where to, what to log in with, which options.</summary>
internal sealed record ConnectionSettings(string Name, IpEndpoint Portal, InitiatorLoginOptions Login, SessionOptions Options);
