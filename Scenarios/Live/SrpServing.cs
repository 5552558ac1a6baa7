using System.CommandLine;
using Weft.Fabric.Connections;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Live.Scst;
using Weft.Target.Commands;
using Weft.Target.Srp;

namespace Weft.Scenarios.Live;

/// <summary>The SRP half of <c>weft serve</c>: its options, and the target that they describe.</summary>
internal sealed class SrpServing
{
    private readonly Option<ushort?> port = new("--srp")
    {
        Description = "Serve the same units over SRP too, on this port of the RDMA CM (ib_srpt's rdma_cm_port; usually 5555).", HelpName = "port",
    };

    private readonly Option<string[]> parameters = new("--srp-set")
    {
        Description = $"A parameter of ib_srpt: {Setters.Names}.", HelpName = "name=value",
    };

    private static readonly ParameterSetters<SrpTargetOptions> Setters = new("--srp-set")
    {
        ["srp_max_req_size"] = (o, v) => o with { MaxRequestSize = (int)v },
        ["srp_max_rsp_size"] = (o, v) => o with { MaxResponseSize = (int)v },
        ["srp_max_rdma_size"] = (o, v) => o with { MaxRdmaSize = (int)v },
        ["srpt_sq_size"] = (o, v) => o with { SendQueueSize = (int)v },
        ["srpt_srq_size"] = (o, v) => o with { SrqSize = (int)v },
        ["use_srq"] = (o, v) => o with { UseSrq = v != 0 },
        ["one_target_per_port"] = (o, v) => o with { OneTargetPerPort = v != 0 },
        ["use_node_guid_in_target_name"] = (o, v) => o with { UseNodeGuidInTargetName = v != 0 },
        ["queue_depth"] = (o, v) => o with { QueueDepth = (int)v },
        ["login_grant"] = (o, v) => o with { LoginGrant = (int)v },
        ["max_channels"] = (o, v) => o with { MaxChannels = (int)v },
    };

    public void AddTo(Command command)
    {
        command.Options.Add(port);
        command.Options.Add(parameters);
    }

    /// <summary>Starts the target if one is asked for.</summary>
    /// <param name="wanted">What a configuration file calls the target, if it has one.</param>
    /// <exception cref="FormatException">A parameter is unknown or out of range, or the port has another name.</exception>
    /// <exception cref="Fabric.Verbs.VerbsException">The device refuses.</exception>
    public SrpTarget? Start(ParseResult parsed, LiveDevice device, TargetDevice units, ScstSrpTarget? wanted)
    {
        if (parsed.GetValue(port) is not { } number) return wanted is null ? null : throw wanted.Node.Error("a target of ib_srpt needs --srp PORT, the module's rdma_cm_port");
        var options = Parse(parsed.GetValue(parameters) ?? [], number);
        var target = new SrpTarget(device.Executor, units, options);
        target.Observer = new SrpServeLog(target, Out.Line);
        var srp = new SrpPort(target, device.Device);
        wanted?.RequireName(srp.Name);
        target.Enable();
        var endpoint = device.Endpoint(number);
        srp.Listen(endpoint);
        Out.Line($"srp target {srp.Name}: {AddTargetString(srp, endpoint)}");
        return target;
    }

    /// <summary>What an initiator logs in with.</summary>
    private static string AddTargetString(SrpPort port, IpEndpoint endpoint) =>
        $"id_ext={port.ServiceGuid.Value:x16},ioc_guid={port.ServiceGuid.Value:x16},dest={endpoint}";

    private static SrpTargetOptions Parse(IEnumerable<string> assignments, ushort port)
    {
        var options = Setters.Apply(new() { RdmaCmPort = port }, assignments);
        return options.Problem() is { } problem ? throw new FormatException($"--srp-set: {problem}") : options;
    }
}
