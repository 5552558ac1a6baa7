using System.Runtime.CompilerServices;

namespace Weft.Fabric.Sim.Tests.Subnet;

/// <summary>Topologies in the form of ibnetdiscover that were not written by our writer, in tests/data/topologies.</summary>
internal static class TopologyFiles
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder(), name + ".net"));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data", "topologies");
}
