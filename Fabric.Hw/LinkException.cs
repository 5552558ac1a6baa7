using System.Runtime.InteropServices;

namespace Weft.Fabric.Hw;

/// <summary>A live link cannot be opened; the message names the thing and the remedy.</summary>
public sealed class LinkException(string message) : Exception(message)
{
    internal static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
