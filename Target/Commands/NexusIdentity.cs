namespace Weft.Target.Commands;

/// <summary>Who talks to whom: the two ports of an I_T nexus. SAM-5 §4.6.</summary>
/// <param name="InitiatorName">What LUN masking compares: the iSCSI name, or the SRP session name.</param>
/// <param name="InitiatorPort">Unique name of the initiator port, e.g. <c>iqn...,i,0x00023d000001</c>.</param>
/// <param name="TargetPortName">SCSI name of the target port for VPD page 83h, e.g. <c>iqn...,t,0x0001</c>; empty: not reported.</param>
/// <param name="Protocol">Protocol identifier: 4 SRP, 5 iSCSI. SPC-4 §7.6.1.</param>
/// <param name="RelativePort">Relative target port identifier, 1..65535.</param>
/// <param name="TargetDeviceName">SCSI name of the target device for VPD page 83h; empty: not reported.</param>
public sealed record NexusIdentity(
    string InitiatorName, string InitiatorPort, string TargetPortName = "", byte Protocol = Weft.Protocol.Scsi.Designator.Iscsi,
    ushort RelativePort = 1, string TargetDeviceName = "");
