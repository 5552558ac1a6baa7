namespace Weft.Protocol.Nbd;

/// <summary>What carries requests out.</summary>
public interface INbdDisk
{
    /// <summary>
    /// Carries out a READ, WRITE, FLUSH, TRIM or WRITE_ZEROES that the export takes (<see cref="NbdExport.Check"/>); its end is
    /// <see cref="NbdJob.Complete"/>. Requests of one connection may end in any order.
    /// </summary>
    void Start(NbdJob job);
}
