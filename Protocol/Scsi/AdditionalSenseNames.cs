namespace Weft.Protocol.Scsi;

/// <summary>Names of the additional sense codes a disk, or a target that serves one, can report. SPC-4 annex F.</summary>
public static class AdditionalSenseNames
{
    /// <summary>Sorted by code, then qualifier.</summary>
    public static readonly IReadOnlyList<(byte Code, byte Qualifier, string Name)> All =
    [
        (0x00, 0x00, "no additional sense information"),
        (0x00, 0x06, "I/O process terminated"),
        (0x00, 0x16, "operation in progress"),
        (0x04, 0x00, "logical unit not ready, cause not reportable"),
        (0x04, 0x01, "logical unit is in process of becoming ready"),
        (0x04, 0x02, "logical unit not ready, initializing command required"),
        (0x04, 0x03, "logical unit not ready, manual intervention required"),
        (0x04, 0x04, "logical unit not ready, format in progress"),
        (0x04, 0x07, "logical unit not ready, operation in progress"),
        (0x04, 0x0A, "logical unit not accessible, asymmetric access state transition"),
        (0x04, 0x0B, "logical unit not accessible, target port in standby state"),
        (0x04, 0x0C, "logical unit not accessible, target port in unavailable state"),
        (0x08, 0x00, "logical unit communication failure"),
        (0x08, 0x04, "unreachable copy target"),
        (0x0C, 0x00, "write error"),
        (0x0C, 0x02, "write error, auto reallocation failed"),
        (0x0C, 0x0C, "write error, unexpected unsolicited data"),
        (0x0C, 0x0D, "write error, not enough unsolicited data"),
        (0x0D, 0x02, "copy target device not reachable"),
        (0x0E, 0x00, "invalid information unit"),
        (0x0E, 0x03, "invalid field in command information unit"),
        (0x10, 0x00, "ID CRC or ECC error"),
        (0x10, 0x01, "logical block guard check failed"),
        (0x10, 0x02, "logical block application tag check failed"),
        (0x10, 0x03, "logical block reference tag check failed"),
        (0x11, 0x00, "unrecovered read error"),
        (0x14, 0x00, "recorded entity not found"),
        (0x1A, 0x00, "parameter list length error"),
        (0x1D, 0x00, "miscompare during verify operation"),
        (0x20, 0x00, "invalid command operation code"),
        (0x21, 0x00, "logical block address out of range"),
        (0x24, 0x00, "invalid field in CDB"),
        (0x25, 0x00, "logical unit not supported"),
        (0x26, 0x00, "invalid field in parameter list"),
        (0x26, 0x01, "parameter not supported"),
        (0x26, 0x02, "parameter value invalid"),
        (0x26, 0x04, "invalid release of persistent reservation"),
        (0x26, 0x06, "too many target descriptors"),
        (0x26, 0x07, "unsupported target descriptor type code"),
        (0x26, 0x08, "too many segment descriptors"),
        (0x26, 0x09, "unsupported segment descriptor type code"),
        (0x27, 0x00, "write protected"),
        (0x27, 0x01, "hardware write protected"),
        (0x27, 0x02, "logical unit software write protected"),
        (0x27, 0x07, "space allocation failed write protect"),
        (0x28, 0x00, "not ready to ready change, medium may have changed"),
        (0x29, 0x00, "power on, reset, or bus device reset occurred"),
        (0x29, 0x01, "power on occurred"),
        (0x29, 0x02, "SCSI bus reset occurred"),
        (0x29, 0x03, "bus device reset function occurred"),
        (0x29, 0x04, "device internal reset"),
        (0x29, 0x07, "I_T nexus loss occurred"),
        (0x2A, 0x00, "parameters changed"),
        (0x2A, 0x01, "mode parameters changed"),
        (0x2A, 0x03, "reservations preempted"),
        (0x2A, 0x04, "reservations released"),
        (0x2A, 0x05, "registrations preempted"),
        (0x2A, 0x06, "asymmetric access state changed"),
        (0x2A, 0x09, "capacity data has changed"),
        (0x2C, 0x00, "command sequence error"),
        (0x2F, 0x00, "commands cleared by another initiator"),
        (0x31, 0x00, "medium format corrupted"),
        (0x38, 0x07, "thin provisioning soft threshold reached"),
        (0x39, 0x00, "saving parameters not supported"),
        (0x3A, 0x00, "medium not present"),
        (0x3A, 0x01, "medium not present, tray closed"),
        (0x3A, 0x02, "medium not present, tray open"),
        (0x3D, 0x00, "invalid bits in identify message"),
        (0x3E, 0x00, "logical unit has not self-configured yet"),
        (0x3F, 0x00, "target operating conditions have changed"),
        (0x3F, 0x03, "inquiry data has changed"),
        (0x3F, 0x0E, "reported LUNs data has changed"),
        (0x44, 0x00, "internal target failure"),
        (0x47, 0x00, "SCSI parity error"),
        (0x47, 0x05, "protocol service CRC error"),
        (0x48, 0x00, "initiator detected error message received"),
        (0x49, 0x00, "invalid message error"),
        (0x4B, 0x00, "data phase error"),
        (0x4E, 0x00, "overlapped commands attempted"),
        (0x53, 0x02, "medium removal prevented"),
        (0x55, 0x00, "system resource failure"),
        (0x55, 0x03, "insufficient resources"),
        (0x5D, 0x00, "failure prediction threshold exceeded"),
        (0x5E, 0x00, "low power condition on"),
    ];

    /// <summary>The name, or null.</summary>
    public static string? Find(AdditionalSense sense)
    {
        var (low, high) = (0, All.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var row = All[middle];
            var order = (row.Code << 8 | row.Qualifier) - (sense.Code << 8 | sense.Qualifier);
            if (order == 0) return row.Name;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }
}
