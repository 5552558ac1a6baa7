using System.Buffers.Binary;

namespace Weft.Wireshark.Tests;

/// <summary>
/// Whatever bytes come, the Lua dissectors raise no error and tshark survives. WEFT_FUZZ_SCALE multiplies the number of mutated captures.
/// </summary>
public class FuzzTests
{
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("WEFT_FUZZ_SCALE"), out var scale) && scale > 0 ? scale : 1;

    [TsharkTheory]
    [InlineData("iser-imm-yes-r2t-no")]
    [InlineData("iser-sense")]
    [InlineData("srp-sense")]
    [InlineData("srp-abort-task")]
    [InlineData("srp-rej-imm64k")]
    [InlineData("udaddy")]
    [InlineData("rping-ipv6")]
    public void Mutated_captures_raise_no_lua_error(string name)
    {
        var original = File.ReadAllBytes(GoldenCapture.Named(name).Path);
        for (var seed = 0; seed < 2 * Scale; seed++)
        {
            var mutated = Path.Combine(AppContext.BaseDirectory, $"fuzz-{name}-{seed}.pcap");
            File.WriteAllBytes(mutated, Mutate(original, new Random(seed)));
            // -V builds every item; the text of an error would be in the tree. -2 shows each frame a second time.
            var (exitCode, output, errors) = Tshark.TryRun(["-r", mutated, "-V", "-2", "-n"]);
            Assert.True(exitCode == 0, $"{mutated}: exit code {exitCode}: {errors}");
            Assert.DoesNotContain("Lua Error", output, StringComparison.Ordinal);
            Assert.DoesNotContain("Lua", errors, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Dissector bug", output, StringComparison.OrdinalIgnoreCase);
            File.Delete(mutated);
        }
    }

    // A classic pcap of this byte order stays one: records are dropped, repeated, swapped and cut short, and bytes behind the
    // UDP header change. Most packets stay as they are, or no connection would ever come to be.
    private static byte[] Mutate(byte[] capture, Random random)
    {
        List<(byte[] Header, byte[] Data)> records = [];
        for (var at = 24; at + 16 <= capture.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(capture.AsSpan(at + 8));
            records.Add((capture[at..(at + 16)], capture[(at + 16)..(at + 16 + length)]));
            at += 16 + length;
        }
        var output = new MemoryStream();
        output.Write(capture, 0, 24);
        for (var i = 0; i < records.Count; i++)
        {
            var (header, data) = (records[i].Header.ToArray(), records[i].Data.ToArray());
            var again = 1;
            switch (random.Next(12))
            {
                case 0: again = 0; break;
                case 1: again = 2; break;
                case 2 when i + 1 < records.Count: (records[i], records[i + 1]) = (records[i + 1], records[i]); break;
                case 3: data = data[..random.Next(data.Length)]; break;
                case 4: data[random.Next(data.Length)] ^= (byte)(1 << random.Next(8)); break;
                case 5 when data.Length > 42: // within the transport and upper headers
                    for (var n = random.Next(1, 8); n > 0; n--) data[random.Next(42, Math.Min(data.Length, 200))] = (byte)random.Next(256);
                    break;
                case 6 when data.Length > 74: // a length or a count that lies
                    BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(random.Next(54, data.Length - 4)), random.Next(2) == 0 ? 0xFFFFFFFF : (uint)random.Next(70000));
                    break;
            }
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (uint)data.Length);
            if (random.Next(4) == 0) BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), (uint)Math.Max(data.Length, random.Next(2000)));
            for (; again > 0; again--)
            {
                output.Write(header);
                output.Write(data);
            }
        }
        return output.ToArray();
    }
}
