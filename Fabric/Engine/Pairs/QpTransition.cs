using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>An edge of the QP state table, for one transport service.</summary>
/// <param name="Required">Attributes that must be given.</param>
/// <param name="Optional">Attributes that may be given besides.</param>
internal readonly record struct QpTransition(QpType Type, QpState From, QpState To, QpAttributeMask Required, QpAttributeMask Optional);
