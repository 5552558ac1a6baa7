using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Our target as an scst.conf describes it: two processes of ours, and no guest.</summary>
public class ScstServeTests
{
    private const string Target = "iqn.2006-10.net.vlnb:tgt";

    [NbdFact]
    public void A_target_of_ib_srpt_shows_each_session_its_units_and_no_port_that_is_not_there()
    {
        using var folder = new TempFolder();
        string Configuration(string target) => $$"""
            HANDLER vdisk_nullio {
                DEVICE data {
                    size_mb 64
                }
                DEVICE spare {
                    size_mb 32
                }
            }
            TARGET_DRIVER ib_srpt {
                TARGET {{target}} {
                    enabled 1
                    LUN 0 data
                    GROUP others {
                        LUN 0 spare
                        INITIATOR 0x*beef????????????????
                    }
                }
            }
            """;
        File.WriteAllText(folder.File("scst.conf"), Configuration("ib_srpt_target_0"));
        File.WriteAllText(folder.File("wrong.conf"), Configuration("fe80:0000:0000:0000:0002:c903:0005:f34b"));
        var pair = new LinkPair(folder);
        string[] options = ["--srp", "5555", "--srp-set", "one_target_per_port=0"];
        using (var wrong = pair.Server(["serve", "--config", folder.File("wrong.conf"), .. options]))
        {
            Assert.Equal(2, wrong.WaitForExit());
            Assert.Contains("wrong.conf:10: there is no port 'fe80:0000:0000:0000:0002:c903:0005:f34b' to be a target of ib_srpt; this one is 'ib_srpt_target_0'", wrong.Output, StringComparison.Ordinal);
        }
        using (var none = pair.Server("serve", "--config", folder.File("scst.conf")))
        {
            Assert.Equal(2, none.WaitForExit());
            Assert.Contains("scst.conf:10: a target of ib_srpt needs --srp PORT, the module's rdma_cm_port", none.Output, StringComparison.Ordinal);
        }
        using var server = pair.Server(["serve", "--config", folder.File("scst.conf"), .. options]);
        server.WaitFor("Ctrl-C ends");
        var login = server.Output.Split('\n').Single(l => l.StartsWith("srp target ib_srpt_target_0: ", StringComparison.Ordinal)).Split(' ')[^1].Trim();
        Assert.Contains("\"bytes\": 67108864", Info(login), StringComparison.Ordinal);
        Assert.Contains("\"bytes\": 33554432", Info($"{login},initiator_ext=beef"), StringComparison.Ordinal);
        Assert.True(server.Interrupt() == 0, server.Output);
        server.CheckCapture();

        string Info(string target)
        {
            using var client = pair.Client("disk", "info", target, "--json");
            var code = client.WaitForExit();
            Assert.True(code == 0, $"exit code {code}\n{client.Output}");
            return client.Output;
        }
    }

    [NbdFact]
    public void A_configuration_of_SCST_decides_who_sees_which_units_and_who_is_let_in()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("scst.conf"),
            $$"""
            HANDLER vdisk_fileio {
                DEVICE disk01 {
                    filename {{folder.File("disk01.img")}}
                    size 8388608
                    usn serial-1
                }
            }
            HANDLER vdisk_nullio {
                DEVICE void {
                    size_mb 1024
                }
            }
            TARGET_DRIVER iscsi {
                enabled 1
                TARGET {{Target}} {
                    enabled 1
                    IncomingUser "alice alice-secret-1"
                    LUN 0 disk01
                    GROUP others {
                        LUN 0 void
                        LUN 3 disk01 {
                            read_only 1
                        }
                        INITIATOR iqn.2020-01.test:other*
                    }
                }
            }
            """);
        var pair = new LinkPair(folder);
        using var server = pair.Server("serve", "--config", folder.File("scst.conf"));
        server.WaitFor("Ctrl-C ends");

        Assert.Contains("\"bytes\": 8388608", Disk(0, "info", LinkPair.ServerAddress, "--json", "--target", Target, "--chap", "alice:alice-secret-1"), StringComparison.Ordinal);
        var other = Disk(0, "info", LinkPair.ServerAddress, "--json", "--target", Target, "--chap", "alice:alice-secret-1", "--initiator", "iqn.2020-01.test:other1");
        Assert.Contains("\"bytes\": 1073741824", other, StringComparison.Ordinal);
        Assert.Contains("\"3\"", other, StringComparison.Ordinal);
        Assert.Contains("AuthenticationFailure", Disk(1, "info", LinkPair.ServerAddress, "--target", Target, "--chap", "alice:wrong-secret-1"), StringComparison.Ordinal);

        var image = folder.File("image");
        File.WriteAllBytes(image, [.. Enumerable.Range(0, 1 << 20).Select(i => (byte)(i * 7 >> 5))]);
        Disk(0, "write", LinkPair.ServerAddress, image, "--target", Target, "--chap", "alice:alice-secret-1");
        Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(folder.File("disk01.img"))[..(1 << 20)]);
        Assert.Contains("DataProtect", Disk(1, "write", LinkPair.ServerAddress, image, "--target", Target, "--lun", "3", "--chap", "alice:alice-secret-1", "--initiator", "iqn.2020-01.test:other1"), StringComparison.Ordinal);
        Assert.True(server.Interrupt() == 0, server.Output);
        server.CheckCapture();

        string Disk(int exitCode, params string[] arguments)
        {
            using var client = pair.Client(["disk", .. arguments]);
            var code = client.WaitForExit();
            Assert.True(code == exitCode, $"disk {string.Join(' ', arguments)}: exit code {code}\n{client.Output}");
            return client.Output;
        }
    }
}
