namespace Weft.Scenarios.Captures;

/// <summary>Opens capture files for the commands; what goes wrong becomes a sentence.</summary>
internal static class CaptureFile
{
    public static CaptureReport Check(FileInfo file, bool checksRules, bool isComplete)
    {
        using var stream = TryOpen(file, out var why);
        return stream is null
            ? new CaptureReport(file.Name) { Unreadable = why }
            : CaptureCheck.Run(stream, file.Name, checksRules, isComplete);
    }

    public static FileStream? TryOpen(FileInfo file, out string? why)
    {
        why = null;
        try
        {
            if (Directory.Exists(file.FullName)) why = "is a directory";
            else if (!file.Exists) why = "no such file";
            else return file.OpenRead();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
        }
        return null;
    }
}
