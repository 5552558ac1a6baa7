using Weft.Fabric.Sim.Management.Partitions;

namespace Weft.Scenarios.Commands;

/// <summary>Reads a <c>partitions.conf</c> that an option names.</summary>
internal static class PartitionFile
{
    /// <summary>No file: every port in the default partition. False: <paramref name="problem"/> says what is wrong, and where.</summary>
    public static bool TryRead(FileInfo? file, out PartitionPolicy policy, out string problem)
    {
        (policy, problem) = (PartitionPolicy.Open, "");
        if (file is null) return true;
        try
        {
            if (PartitionPolicy.TryParse(File.ReadAllText(file.FullName), out policy, out problem)) return true;
            problem = $"{file.Name}, {problem}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{file.Name}: {e.Message}";
        }
        return false;
    }
}
