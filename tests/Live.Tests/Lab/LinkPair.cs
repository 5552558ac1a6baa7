namespace Weft.Live.Tests.Lab;

/// <summary>A link between two processes of ours: Unix datagrams, no guest.</summary>
internal sealed class LinkPair(TempFolder folder)
{
    public const string ServerAddress = "10.9.0.1", ClientAddress = "10.9.0.2";

    public WeftProcess Server(params string[] arguments) => Start("server", "client", ServerAddress, arguments);

    /// <summary>After the server: its end of the link must be there.</summary>
    public WeftProcess Client(params string[] arguments) => Start("client", "server", ClientAddress, arguments);

    private WeftProcess Start(string own, string other, string address, string[] arguments) =>
        new($"unix:{folder.File(own)},{folder.File(other)}", address, folder.File($"{own}.pcapng"), arguments);
}
