using System.CommandLine;
using Weft.Initiator.Srp;

namespace Weft.Scenarios.Live;

/// <summary>The SRP half of <c>weft disk</c>: an <c>add_target</c> string in place of a portal, and parameters of ib_srp.</summary>
internal sealed class SrpDiskLogin
{
    private readonly Option<string[]> parameters = new("--srp-set")
    {
        Description = $"SRP: a parameter of ib_srp: {Setters.Names}.", HelpName = "name=value",
    };

    private static readonly ParameterSetters<SrpOptions> Setters = new("--srp-set")
    {
        ["allow_ext_sg"] = (o, v) => o with { AllowExtSg = v != 0 },
        ["ch_count"] = (o, v) => o with { ChannelCount = (int)v },
        ["cmd_sg_entries"] = (o, v) => o with { CmdSgEntries = (int)v },
        ["dev_loss_tmo"] = (o, v) => o with { DeviceLossTimeout = Seconds(v) },
        ["fast_io_fail_tmo"] = (o, v) => o with { FastIoFailTimeout = Seconds(v) },
        ["indirect_sg_entries"] = (o, v) => o with { IndirectSgEntries = (int)v },
        ["max_imm_data"] = (o, v) => o with { MaxImmediateData = (int)v },
        ["max_registration"] = (o, v) => o with { MaxRegistrationLength = (int)v },
        ["reconnect_delay"] = (o, v) => o with { ReconnectDelay = Seconds(v) },
        ["use_imm_data"] = (o, v) => o with { UseImmediateData = v != 0 },
    };

    public void AddTo(Command command) => command.Options.Add(parameters);

    /// <summary>Whether the text names an SRP target, not a portal.</summary>
    public static bool IsMeant(string text) => text.Contains('=');

    /// <exception cref="FormatException">The string is malformed.</exception>
    public static SrpAddTarget Target(string text) => SrpAddTarget.TryParse(text, out var error) ?? throw new FormatException(error);

    /// <exception cref="FormatException">A parameter is unknown or out of range.</exception>
    public SrpOptions Options(ParseResult parsed)
    {
        var options = Setters.Apply(new(), parsed.GetValue(parameters) ?? []);
        return options.Problem() is { } problem ? throw new FormatException($"--srp-set: {problem}") : options;
    }

    private static Duration Seconds(long value) => value < 0 ? Duration.Infinite : Duration.FromSeconds(value);
}
