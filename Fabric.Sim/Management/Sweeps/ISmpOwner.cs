using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>Whose requests an exchange carries.</summary>
internal interface ISmpOwner
{
    /// <summary>Writes the packet of a request.</summary>
    void Write(in SweepRequest request, ulong transaction, SmpMad mad);

    void OnAnswer(in SweepRequest request, SmpMad mad);

    /// <summary>No answer came, however often it was sent.</summary>
    void OnLost(in SweepRequest request);

    /// <summary>Nothing waits and nothing is under way any more.</summary>
    void OnDrained();
}
