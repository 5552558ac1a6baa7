using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine;

/// <summary>What Create QP admits. IBA Vol 1 §11.2.5.1.</summary>
internal static class QpInitRules
{
    /// <exception cref="VerbsException">Something is out of range, or belongs to another device or domain.</exception>
    public static void Check(ProtectionDomain domain, QpInit init)
    {
        var limits = domain.Hca.Attributes;
        Range("MaxSendWr", init.MaxSendWr, 1, limits.MaxQpWr);
        if (init.Srq is null) Range("MaxReceiveWr", init.MaxReceiveWr, 0, limits.MaxQpWr);
        Range("MaxSendSge", init.MaxSendSge, 0, limits.MaxSge);
        Range("MaxReceiveSge", init.MaxReceiveSge, 0, limits.MaxSge);
        Range("MaxInline", init.MaxInline, 0, limits.MaxInline);
        if (!IsLive(domain.Hca, init.SendCq) || !IsLive(domain.Hca, init.ReceiveCq)) throw Refused("a completion queue is not this device's, or destroyed");
        if (init.Srq is not null && !(init.Srq is SharedReceiveQueue { IsDestroyed: false } srq && srq.Domain.Hca == domain.Hca))
            throw Refused("the SRQ is not this device's, or destroyed");
    }

    private static bool IsLive(Hca hca, ICompletionQueue? cq) => cq is CompletionQueue { IsDestroyed: false } own && own.Hca == hca;

    private static void Range(string name, int value, int from, int to)
    {
        if (value < from || value > to) throw Refused($"{name} {value}, {from}..{to} allowed");
    }

    private static VerbsException Refused(string detail) => new(new(VerbsErrorCode.InvalidAttribute, detail));
}
