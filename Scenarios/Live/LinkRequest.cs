namespace Weft.Scenarios.Live;

/// <summary>What a command line says about its link.</summary>
/// <param name="Rest">The part behind the scheme's colon; not empty.</param>
/// <param name="Mtu">In bytes, for links that have none of their own.</param>
/// <param name="AwaitsPeer">The command waits to be called: the other side of the link may come later.</param>
internal readonly record struct LinkRequest(string Rest, int Mtu, bool AwaitsPeer);
