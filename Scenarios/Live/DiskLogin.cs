using System.CommandLine;
using Weft.Fabric.Connections;
using Weft.Initiator;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Scsi;

namespace Weft.Scenarios.Live;

/// <summary>The options of every command that is an initiator: which target, who we are to it, and what we offer.</summary>
internal sealed class DiskLogin
{
    private const ushort DefaultPort = 3260;

    private readonly Argument<string> portal = new("portal") { Description = "The target: an iSER portal, address or address:port (3260), or for SRP the string that goes to ib_srp's add_target, with dest=." };
    private readonly Option<string?> target = new("--target") { Description = "Name of the target. Default: the only one that discovery finds.", HelpName = "iqn" };
    private readonly Option<int> lun = new("--lun") { Description = "Logical unit.", DefaultValueFactory = _ => 0 };
    private readonly Option<string> name = new("--initiator") { Description = "Our own name.", DefaultValueFactory = _ => "iqn.2026-11.example.weft:initiator", HelpName = "iqn" };
    private readonly Option<string?> chap = new("--chap") { Description = "What we prove to the target.", HelpName = ChapAccount.Form };
    private readonly Option<string?> mutual = new("--chap-mutual") { Description = "What the target must prove to us; needs --chap.", HelpName = ChapAccount.Form };
    private readonly Option<string?> algorithms = new("--chap-algorithms")
    {
        Description = $"CHAP algorithms that we offer, best first: {ChapAlgorithms.Help}. Default: all of them in this order. tgt takes SHA256's number for SHA1's: give it MD5.",
        HelpName = "list",
    };
    private readonly Option<bool> noImmediate = new("--no-immediate-data") { Description = "Offer ImmediateData=No." };
    private readonly Option<bool> initialR2T = new("--initial-r2t") { Description = "Offer InitialR2T=Yes." };
    private readonly Option<double> patience = new("--login-timeout") { Description = "How long logins are tried.", DefaultValueFactory = _ => 15, HelpName = "seconds" };

    private readonly SrpDiskLogin srp = new();

    public LiveOptions Live { get; } = new();

    public void AddTo(Command command, bool hasUnit)
    {
        command.Arguments.Add(portal);
        if (hasUnit)
        {
            command.Options.Add(target);
            command.Options.Add(lun);
            command.Options.Add(noImmediate);
            command.Options.Add(initialR2T);
            srp.AddTo(command);
        }
        command.Options.Add(name);
        command.Options.Add(chap);
        command.Options.Add(mutual);
        command.Options.Add(algorithms);
        command.Options.Add(patience);
        Live.AddTo(command);
    }

    public InitiatorHost CreateHost(ParseResult parsed, LiveDevice device) => new(device.Device, parsed.GetValue(name)!);

    /// <summary>Reads what was given, so that what is malformed is said before anything is opened.</summary>
    /// <exception cref="FormatException">An option is malformed.</exception>
    /// <exception cref="IOException">A file with a secret cannot be read.</exception>
    public void Check(ParseResult parsed)
    {
        if (SrpDiskLogin.IsMeant(parsed.GetValue(portal)!)) _ = (SrpDiskLogin.Target(parsed.GetValue(portal)!), srp.Options(parsed));
        else _ = Portal(parsed);
        _ = Options(parsed);
    }

    /// <exception cref="FormatException">An option is malformed.</exception>
    public IpEndpoint Portal(ParseResult parsed) => EndpointText.Parse(parsed.GetValue(portal)!, DefaultPort);

    /// <summary>What sessions are made with.</summary>
    /// <exception cref="FormatException">An option is malformed.</exception>
    /// <exception cref="IOException">A file with a secret cannot be read.</exception>
    public SessionOptions Options(ParseResult parsed)
    {
        if (parsed.GetValue(lun) is < 0 or > Lun.MaxNumber) throw new FormatException($"--lun is 0..{Lun.MaxNumber}");
        var own = parsed.GetValue(chap) is { } ours ? ChapAccount.Parse(ours) : null;
        var peer = parsed.GetValue(mutual) is { } theirs ? ChapAccount.Parse(theirs) : null;
        if (own is null && peer is not null) throw new FormatException("--chap-mutual needs --chap: a target proves itself only to an initiator that does");
        if (own is not null && peer is not null && own.HasSameSecret(peer)) throw new FormatException("--chap and --chap-mutual must not have the same secret (RFC 7143 §12.1.3)");
        if (own is null && parsed.GetValue(algorithms) is not null) throw new FormatException("--chap-algorithms needs --chap");
        var chapSettings = own is null ? null : new ChapSettings(own, peer);
        if (parsed.GetValue(algorithms) is { } list) chapSettings = chapSettings! with { Algorithms = ChapAlgorithms.Parse(list) };
        return new SessionOptions
        {
            Chap = chapSettings,
            Keys = KeyPolicy.OpenIscsi(iser: true)
                .Offer(KeyId.ImmediateData, !parsed.GetValue(noImmediate)).Offer(KeyId.InitialR2T, parsed.GetValue(initialR2T)),
            Timeouts = new SessionTimeouts { Login = Duration.FromSeconds(parsed.GetValue(patience)), InitialLoginRetries = 1 },
        };
    }

    /// <summary>Finds the target if it is not named, logs in, and opens the unit with its capacity known.</summary>
    /// <param name="given">Instead of what the command line says.</param>
    /// <exception cref="InitiatorException">No target, more than one, refused, or the unit does not answer.</exception>
    public async Task<(Disk Disk, ReadCapacity16Data Capacity)> OpenAsync(ParseResult parsed, InitiatorHost host, SessionOptions? given = null)
    {
        var options = given ?? Options(parsed);
        InitiatorSession session;
        try
        {
            session = await LoginAsync(parsed, host, options);
        }
        catch (LoginException e) when (options.Chap is not null && e is { Reason: LoginFailure.Transport, Status: 0 })
        {
            // LIO, for one, disconnects without a Login Response.
            throw new LoginException(e.Reason, 0, $"{e.Message}; some targets just hang up when they refuse the CHAP secret");
        }
        var disk = session.OpenDisk(parsed.GetValue(lun));
        return (disk, await disk.ReadCapacityAsync());
    }

    private async Task<InitiatorSession> LoginAsync(ParseResult parsed, InitiatorHost host, SessionOptions options)
    {
        if (SrpDiskLogin.IsMeant(parsed.GetValue(portal)!)) return await host.LoginAsync(SrpDiskLogin.Target(parsed.GetValue(portal)!), srp.Options(parsed));
        if (parsed.GetValue(target) is { } named) return await host.LoginAsync(named, Portal(parsed), options);
        var found = await host.DiscoverAsync(Portal(parsed), options);
        var names = found.Select(t => t.Name).Distinct(StringComparer.Ordinal).ToList();
        return names.Count switch
        {
            1 => await host.LoginAsync(names[0], Portal(parsed), options),
            0 => throw new LoginException(LoginFailure.Fatal, 0, $"{Portal(parsed)} has no target for {host.Name}"),
            _ => throw new LoginException(LoginFailure.Fatal, 0, $"{Portal(parsed)} has {names.Count} targets; name one with --target: {string.Join(", ", names)}"),
        };
    }
}
