using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>A kind of link that --link takes, as SCHEME:REST.</summary>
/// <param name="Name">The part before the colon.</param>
/// <param name="Form">How it is given, e.g. <c>eth:IFACE</c>.</param>
/// <param name="Use">What it is for, in the help's words.</param>
/// <param name="Open">Opens the link that the part behind the colon names; null when that part is malformed.
/// Throws <see cref="LinkException"/> when it cannot be opened.</param>
internal sealed record LinkScheme(string Name, string Form, string Use, Func<LinkRequest, IPolledLink?> Open);
