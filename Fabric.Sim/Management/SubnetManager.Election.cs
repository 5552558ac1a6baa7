using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management;

/// <summary>Who is master: election by priority, standby with polling, handover. IBA Vol 1 §14.4.1, states of figure 168.</summary>
public sealed partial class SubnetManager : ISmpOwner
{
    // Attribute modifiers of Set(SMInfo). IBA Vol 1 §14.4.1.
    private const uint Handover = 1, Acknowledge = 2, Disable = 3, Standby = 4, DiscoverAgain = 5;
    private uint activity;
    private int silentPolls;
    private ManagedPort? rival;

    bool ISweepListener.OnDiscovered(SubnetInventory inventory)
    {
        ManagedPort? highest = null, master = null;
        foreach (var end in inventory.EndPorts)
        {
            if (end.Manager is not { State: not SmState.NotActive } info) continue;
            if (info.State == SmState.Master && (master is null || IsHigher(info, master.Manager!.Value))) master = end;
            if (highest is null || IsHigher(info, highest.Manager!.Value)) highest = end;
        }
        rival = master ?? highest;
        if (State == SmState.Master) return StaysMaster(master, highest);
        if (master is not null || (highest is not null && IsHigher(highest.Manager!.Value, OwnInfo())))
        {
            StandBy();
            return false;
        }
        Enter(SmState.Master);
        return true;
    }

    // A master gives way to a higher one that waits or rules; a lower one will find us and do the same.
    private bool StaysMaster(ManagedPort? master, ManagedPort? highest)
    {
        var other = master is not null && IsHigher(master.Manager!.Value, OwnInfo()) ? master : highest;
        if (other is null || !IsHigher(other.Manager!.Value, OwnInfo())) return true;
        rival = other;
        SendSmInfo(Handover);
        return true; // rules on until the other has answered
    }

    private static bool IsHigher(in SmInfo a, in SmInfo b) => a.Priority != b.Priority ? a.Priority > b.Priority : a.PortGuid.Value < b.PortGuid.Value;

    private SmInfo OwnInfo() => new()
    {
        PortGuid = sweep.Inventory.Own is { } own ? own.Guid : default, SmKey = State == SmState.Master ? options.SmKey : 0, ActivityCount = activity, Priority = options.Priority, State = State,
    };

    /// <summary>What this manager says of itself.</summary>
    internal SmInfo Describe() => OwnInfo();

    private void StandBy()
    {
        sweep.Stop();
        Administration.Clear();
        (IsUp, silentPolls, needsSweep) = (false, 0, false);
        Enter(SmState.Standby);
        Rearm();
    }

    private void Poll()
    {
        if (rival is null)
        {
            Discover();
            return;
        }
        talks.Add(new(SmpAttribute.SmInfo, false, rival.Node.Index, rival.Number));
        talks.Flush();
        Rearm();
    }

    private void SendSmInfo(uint modifier)
    {
        talks.Add(new(SmpAttribute.SmInfo, true, rival!.Node.Index, rival.Number, modifier));
        talks.Flush();
    }

    void ISmpOwner.Write(in SweepRequest request, ulong transaction, SmpMad mad)
    {
        mad.BeginDirected(request.IsSet ? MadMethod.Set : MadMethod.Get, SmpAttribute.SmInfo, request.Modifier, transaction, rival!.Node.RouteTo(rival.Number));
        if (request.IsSet) OwnInfo().Write(mad.Data);
    }

    void ISmpOwner.OnAnswer(in SweepRequest request, SmpMad mad)
    {
        if (request.IsSet)
        {
            // OpenSM rules from the moment that it answers a handover; others send an acknowledgement of their own besides.
            if (request.Modifier == Handover && State == SmState.Master && mad.Status == MadStatus.Ok) StandBy();
            return;
        }
        if (State != SmState.Standby || !SmInfo.TryRead(mad.Data, out var info)) return;
        if (info.State == SmState.Master) silentPolls = 0;
        else if (info.State == SmState.NotActive || !IsHigher(info, OwnInfo()) || ++silentPolls >= options.PollRetries) Discover();
    }

    void ISmpOwner.OnLost(in SweepRequest request)
    {
        if (State == SmState.Standby && !request.IsSet && ++silentPolls >= options.PollRetries) Discover();
    }

    void ISmpOwner.OnDrained()
    {
    }

    private void OnSmInfo(Lid source, SmpMad mad, Span<byte> bytes)
    {
        activity++;
        var (isSet, modifier) = (mad.Method == MadMethod.Set, mad.Modifier);
        SmInfo.TryRead(mad.Data, out var sender);
        OwnInfo().Write(mad.Data);
        Respond(source, mad, bytes);
        if (isSet) OnOrder(modifier, sender);
    }

    private void OnOrder(uint modifier, in SmInfo sender)
    {
        switch (modifier)
        {
            case Handover when State is SmState.Standby or SmState.Master or SmState.Discovering:
                if (PortOf(sender.PortGuid) is { } giver)
                {
                    rival = giver;
                    SendSmInfo(Acknowledge);
                }
                sweep.Forget(); // the giver has ruled, and written its own tables
                if (State == SmState.Master) RequestSweep();
                else Discover();
                break;
            case Acknowledge when State == SmState.Master:
                StandBy();
                break;
            case Disable when State == SmState.Standby:
                timer.Cancel();
                Enter(SmState.NotActive);
                break;
            case Standby when State == SmState.NotActive:
                StandBy();
                break;
            case DiscoverAgain when State == SmState.Standby:
                Discover();
                break;
        }
    }

    private ManagedPort? PortOf(Guid64 guid)
    {
        foreach (var end in sweep.Inventory.EndPorts)
            if (end.Guid == guid) return end;
        return null;
    }

    // The packet has become an answer in place: back the way it came.
    private void Respond(Lid source, SmpMad mad, Span<byte> bytes)
    {
        mad.Method = MadMethod.GetResponse;
        mad.Status = MadStatus.Ok;
        if (mad.IsDirected) Subnet.Smi.TurnRound(mad);
        port.Send(mad.IsDirected ? Lid.Permissive : source, Qpn.Smi, bytes);
    }
}
