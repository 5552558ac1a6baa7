using System.Diagnostics;

namespace Weft.Wireshark.Tests;

public class InstallTests
{
    [TsharkFact]
    public void Install_makes_plain_tshark_load_all_and_uninstall_leaves_nothing()
    {
        var home = Path.Combine(AppContext.BaseDirectory, "install home"); // a space, as in real home directories
        if (Directory.Exists(home)) Directory.Delete(home, recursive: true);
        Directory.CreateDirectory(home);

        Assert.Equal(0, Run(home, "sh", Script).ExitCode);
        var capture = GoldenCapture.Named("srp-rej-imm64k").Path;
        Assert.Contains("SRP_LOGIN_REJ", Run(home, "tshark", "-C", "weft", "-r", capture).Output, StringComparison.Ordinal);
        Assert.Equal(0, Run(home, "sh", Script).ExitCode); // again, over itself
        Assert.Equal(0, Run(home, "sh", Script, "--uninstall").ExitCode);
        Assert.Empty(Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories));
    }

    [TsharkFact]
    public void Help_explains_and_an_unknown_argument_is_refused()
    {
        var home = AppContext.BaseDirectory;
        var help = Run(home, "sh", Script, "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("--uninstall", help.Output, StringComparison.Ordinal);
        Assert.Equal(2, Run(home, "sh", Script, "--frobnicate").ExitCode);
    }

    private static string Script => Path.Combine(Repository.Root, "Wireshark", "install.sh");

    private static (int ExitCode, string Output) Run(string home, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Tshark.Isolate(start, home);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
