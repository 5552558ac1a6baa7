namespace Weft.Scenarios.Bench;

/// <summary>How a fabric server did under a first sweep of OpenSM.</summary>
/// <param name="Server">weft or ibsim.</param>
/// <param name="Seconds">Wall time from the start of OpenSM to SUBNET UP.</param>
/// <param name="Requests">Packets that the manager's port has sent.</param>
/// <param name="ServerCpu">Processor seconds of the server from then to then.</param>
/// <param name="ManagerCpu">Processor seconds of OpenSM.</param>
/// <param name="PeakMib">Most memory that the server had resident.</param>
/// <param name="Stolen">Processor seconds that the machine wanted meanwhile and that its host gave to others; 0 on real hardware.</param>
internal sealed record SweepMeasurement(string Server, int Hosts, double Seconds, long Requests, double ServerCpu, double ManagerCpu, double PeakMib, double Stolen)
{
    /// <summary>Processor time of the server for each request.</summary>
    public double MicrosecondsPerRequest => ServerCpu * 1e6 / Requests;

    /// <summary>Of several measurements of one server and tree the median, of the half that was least disturbed from outside the machine.</summary>
    public static SweepMeasurement Middle(IReadOnlyCollection<SweepMeasurement> all)
    {
        var calm = all.OrderBy(m => m.Stolen).Take((all.Count + 1) / 2).ToList();
        return calm[0] with
        {
            Seconds = Median.Of(calm.Select(m => m.Seconds)), ServerCpu = Median.Of(calm.Select(m => m.ServerCpu)), ManagerCpu = Median.Of(calm.Select(m => m.ManagerCpu)),
            Stolen = Median.Of(calm.Select(m => m.Stolen)), PeakMib = all.Max(m => m.PeakMib),
        };
    }
}
