namespace Weft.Fabric.Engine.Cm;

/// <summary>What makes a SIDR REQ a repetition of an earlier one.</summary>
internal readonly record struct SidrKey(uint RequestId, Gid Source);
