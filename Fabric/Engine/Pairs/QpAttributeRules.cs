using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>Ranges of the attributes of Modify QP. IBA Vol 1 §11.2.5.2.</summary>
internal static class QpAttributeRules
{
    public static VerbsError? Check(Hca hca, byte currentPort, in QpAttributes given, QpAttributeMask mask)
    {
        if (Has(mask, QpAttributeMask.Port) && (given.Port == 0 || given.Port > hca.PortCount)) return Invalid($"port {given.Port}, the device has {hca.PortCount}");
        var number = Has(mask, QpAttributeMask.Port) ? given.Port : currentPort;
        var port = number == 0 ? null : hca.PortAt(number);
        if (Has(mask, QpAttributeMask.PKeyIndex) && (port is null || given.PKeyIndex >= port.PKeyTableLength)) return Invalid($"P_Key index {given.PKeyIndex}");
        if (Has(mask, QpAttributeMask.AddressVector) && CheckVector(port, given.AddressVector) is { } error) return error;
        if (Has(mask, QpAttributeMask.PathMtu) && (given.PathMtu is < PathMtu.Mtu256 or > PathMtu.Mtu4096 || (port is not null && given.PathMtu > port.ActiveMtu)))
            return Invalid($"path MTU {given.PathMtu}, the port has {port?.ActiveMtu}");
        if (Has(mask, QpAttributeMask.Timeout) && given.Timeout > AckTimeout.MaxCode) return Invalid($"timeout code {given.Timeout}");
        if (Has(mask, QpAttributeMask.RetryCount) && given.RetryCount > 7) return Invalid($"retry count {given.RetryCount}");
        if (Has(mask, QpAttributeMask.RnrRetry) && given.RnrRetry > 7) return Invalid($"RNR retry count {given.RnrRetry}");
        if (Has(mask, QpAttributeMask.MinRnrTimer) && given.MinRnrTimer > 31) return Invalid($"RNR timer code {given.MinRnrTimer}");
        if (Has(mask, QpAttributeMask.MaxRdAtomic) && given.MaxRdAtomic > hca.Attributes.MaxQpInitRdAtomic) return Invalid($"initiator depth {given.MaxRdAtomic}");
        if (Has(mask, QpAttributeMask.MaxDestRdAtomic) && given.MaxDestRdAtomic > hca.Attributes.MaxQpRdAtomic) return Invalid($"responder resources {given.MaxDestRdAtomic}");
        return null;
    }

    private static VerbsError? CheckVector(IPacketPort? port, in AddressVector vector)
    {
        if (port is null || vector.PortNumber != port.Number) return Invalid($"address vector for port {vector.PortNumber}");
        if (vector.IsGlobal && port.IndexOf(vector.SourceGid) < 0) return Invalid($"source GID {vector.SourceGid} is not one of the port's");
        return null;
    }

    private static bool Has(QpAttributeMask mask, QpAttributeMask attribute) => (mask & attribute) != 0;
    private static VerbsError Invalid(string detail) => new(VerbsErrorCode.InvalidAttribute, detail);
}
