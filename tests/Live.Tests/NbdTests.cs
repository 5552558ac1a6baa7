using System.Net.Sockets;
using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Real NBD clients on our initiator, on our own target: two processes of ours, and no guest.</summary>
public class NbdTests
{
    private const int Size = 16 << 20;

    [NbdFact]
    public void Stock_clients_copy_compare_and_verify_a_disk_through_our_initiator_and_nothing_is_left_behind()
    {
        using var folder = new TempFolder();
        var pair = new LinkPair(folder);
        var (disk, image, back) = (folder.File("disk.img"), folder.File("image"), folder.File("back"));
        File.WriteAllBytes(image, RandomBytes(Size, 1));
        using var target = pair.Server("serve", "--lun", $"file:{disk}:{Size}");
        target.WaitFor("Ctrl-C ends");
        using var nbd = pair.Client("nbd", LinkPair.ServerAddress, "--socket", folder.File("nbd"), "--export", "disk");
        nbd.WaitFor("Ctrl-C ends");
        var uri = $"nbd+unix:///disk?socket={folder.File("nbd")}";

        var info = Host.Run("nbdinfo", "--json", uri);
        foreach (var fact in new[] { $"\"export-size\": {Size}", "\"block_size_minimum\": 512", "\"can_multi_conn\": true", "\"can_zero\": true", "\"can_fua\": true" })
            Assert.Contains(fact, info, StringComparison.Ordinal);
        Assert.Contains("export=\"disk\"", Host.Run("nbdinfo", "--list", $"nbd+unix:///?socket={folder.File("nbd")}"), StringComparison.Ordinal);
        Assert.NotEqual(0, Host.TryRun("nbdinfo", $"nbd+unix:///other?socket={folder.File("nbd")}").ExitCode);

        // Several connections at once, written and flushed; the target's file is the judge.
        Host.Run("nbdcopy", "--flush", "--connections=4", "--requests=16", image, uri);
        Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(disk));
        Host.Run("nbdcopy", "--connections=2", uri, back);
        Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(back));
        Assert.Contains("Images are identical", Host.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", image, uri), StringComparison.Ordinal);

        Host.Run("qemu-io", "-f", "raw", "-t", "none", "-c", "write -P 0x5a 1M 2M", "-c", "write -z 1M 64k", "-c", "write -z -u 1088k 64k", "-c", "flush",
            "-c", "read -P 0 1M 128k", "-c", "read -P 0x5a 1152k 1920k", "-c", "write -f -P 0x77 512 1536", "-c", "read -P 0x77 512 1536", uri);
        Host.Run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, uri);
        Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(disk));
        Fio(folder, uri, "4m", "512-1m");

        Assert.True(nbd.Interrupt() == 0, nbd.Output);
        Assert.True(target.Interrupt() == 0, target.Output);
        nbd.CheckCapture();
        target.CheckCapture();
    }

    [NbdFact]
    public void A_client_that_talks_nonsense_or_leaves_in_the_middle_harms_nobody_else_and_TCP_works_too()
    {
        using var folder = new TempFolder();
        var pair = new LinkPair(folder);
        using var target = pair.Server("serve", "--lun", "ram:16M");
        target.WaitFor("Ctrl-C ends");
        using var nbd = pair.Client("nbd", LinkPair.ServerAddress, "--tcp", "0");
        nbd.WaitFor("Ctrl-C ends");
        var uri = nbd.Output.Split("nbd://")[1].Split('/')[0];
        var port = int.Parse(uri.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);

        foreach (var bytes in new[] { "GET / HTTP/1.0\r\n\r\n"u8.ToArray(), [0, 0, 0, 3, .. "IHAVEOPT"u8], [], [0, 0, 0, 3, .. "IHAVEOPT"u8, 0, 0, 0, 7, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4] })
        {
            using var client = new TcpClient("127.0.0.1", port);
            var stream = client.GetStream();
            stream.Write(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            var rest = new MemoryStream();
            stream.CopyTo(rest); // ends when the server hangs up
            Assert.True(rest.Length >= 18, "no greeting");
        }
        Assert.Contains("can_trim: true", Host.Run("nbdinfo", $"nbd://{uri}/"), StringComparison.Ordinal);
        Host.Run("qemu-io", "-f", "raw", "-d", "unmap", "-t", "none", "-c", "write -P 0x5a 1M 2M", "-c", "discard 2M 64k", "-c", "read -P 0 2M 64k", "-c", "read -P 0x5a 1M 1M",
            "-c", "read -P 0x5a 2112k 960k", "-c", "read -P 0 3M 13M", $"nbd://{uri}/");
        Assert.True(nbd.Interrupt() == 0, nbd.Output);
        Assert.True(target.Interrupt() == 0, target.Output);
        nbd.CheckCapture();
    }

    /// <summary>Random writes of mixed sizes at depth 32, read back and compared by fio.</summary>
    internal static void Fio(TempFolder folder, string uri, string size, string blocks)
    {
        var output = Host.Run("fio", "--name=v", "--ioengine=nbd", $"--uri={uri}", $"--size={size}", $"--bsrange={blocks}", "--rw=randrw", "--iodepth=32",
            "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--verify_state_save=0", $"--directory={folder.Path}");
        Assert.Contains("err= 0", output, StringComparison.Ordinal);
    }

    private static byte[] RandomBytes(int length, int seed)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
