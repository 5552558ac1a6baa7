namespace Weft.Fabric.Engine.Cm;

/// <summary>A comm ID or a QPN of another node: both are unique only together with that node's CA GUID. IBA Vol 1 §12.9.8.3.1.</summary>
internal readonly record struct RemoteId(uint Number, Guid64 CaGuid);
