namespace Weft.Scenarios.Bench;

/// <summary>How a fabric server did under a first sweep of OpenSM.</summary>
/// <param name="Server">weft or ibsim.</param>
/// <param name="Seconds">Wall time from the start of OpenSM to SUBNET UP.</param>
/// <param name="Requests">Packets that the manager's port has sent.</param>
/// <param name="ServerCpu">Processor seconds of the server from then to then.</param>
/// <param name="ManagerCpu">Processor seconds of OpenSM.</param>
/// <param name="PeakMib">Most memory that the server had resident.</param>
internal sealed record SweepMeasurement(string Server, int Hosts, double Seconds, long Requests, double ServerCpu, double ManagerCpu, double PeakMib)
{
    /// <summary>Processor time of the server for each request.</summary>
    public double MicrosecondsPerRequest => ServerCpu * 1e6 / Requests;
}
