using System.Text;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Iscsi;

public class TextTests
{
    [Theory]
    [InlineData("a=b\0c=\0", "a=b|c=", null)]
    [InlineData("a=b\0\0\0c=d=e\0\0", "a=b|c=d=e", null)]
    [InlineData("", "", null)]
    [InlineData("a=b", "", "not ended")]
    [InlineData("a=b\0c\0", "a=b", "no '='")]
    [InlineData("=b\0", "", "a key of 0")]
    [InlineData("a b=c\0", "", "byte 0x20")]
    [InlineData("X-com.example.k=1\0X#reg=2\0", "X-com.example.k=1|X#reg=2", null)]
    public void Pairs_are_read_until_one_breaks_the_format(string text, string pairs, string? violation)
    {
        var reader = new TextKeyReader(Encoding.UTF8.GetBytes(text));
        var read = new List<string>();
        while (reader.MoveNext()) read.Add(reader.Current.ToString());
        Assert.Equal(pairs, string.Join('|', read));
        if (violation is null) Assert.Null(reader.Violation);
        else Assert.Contains(violation, reader.Violation!.Detail);
    }

    [Fact]
    public void Keys_have_at_most_63_bytes()
    {
        Assert.Null(ReadAll(new string('k', 63) + "=v\0"));
        Assert.NotNull(ReadAll(new string('k', 64) + "=v\0"));
        Assert.Null(ReadAll("k=" + new string('v', TextPair.MaxBinaryValueLength) + "\0"));
        Assert.NotNull(ReadAll("k=" + new string('v', TextPair.MaxBinaryValueLength + 1) + "\0"));
    }

    [Fact]
    public void A_pair_that_does_not_fit_is_left_out_whole()
    {
        for (var room = 0; room < 12; room++)
        {
            foreach (var kind in Enumerable.Range(0, 4))
            {
                var buffer = new byte[room + 4];
                buffer.AsSpan().Fill(0xEE);
                var writer = new TextKeyWriter(buffer.AsSpan(0, room));
                var ok = kind switch
                {
                    0 => writer.Add("abc", "4711"),
                    1 => writer.Add("abc"u8, "4711"u8),
                    2 => writer.Add("abc", 4711),
                    _ => writer.AddHex("abc", [0x47]),
                };
                Assert.Equal(room >= 9, ok);
                Assert.Equal(!ok, writer.Overflowed);
                Assert.Equal(ok ? 9 : 0, writer.Length);
                Assert.All(buffer[room..], b => Assert.Equal(0xEE, b));
                if (ok) Assert.Equal(kind == 3 ? "abc=0x47\0" : "abc=4711\0", Encoding.ASCII.GetString(buffer, 0, 9));
            }
        }
    }

    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("0x1F", 31UL)]
    [InlineData("0X1f", 31UL)]
    [InlineData("16777215", 16777215UL)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("18446744073709551616", null)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData("1 ", null)]
    [InlineData("0x", null)]
    [InlineData("0x10000000000000000", null)]
    [InlineData("1e3", null)]
    public void Numbers(string text, ulong? expected)
    {
        var ok = TextValue.TryReadNumber(Encoding.ASCII.GetBytes(text), out var number);
        Assert.Equal(expected is not null, ok);
        if (ok) Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("0x0aFF", "0aff")]
    [InlineData("0Xaff", "0aff")]
    [InlineData("0bCv8=", "0aff")]
    [InlineData("0BCv8=", "0aff")]
    [InlineData("0bCv8", null)]
    [InlineData("0bCv 8=", null)]
    [InlineData("0x0g", null)]
    [InlineData("0xg", null)]
    [InlineData("0x", null)]
    [InlineData("0b", null)]
    [InlineData("1234", null)]
    [InlineData("0x0102030405", null)]
    public void Binaries(string text, string? expected)
    {
        var target = new byte[4];
        var ok = TextValue.TryReadBinary(Encoding.ASCII.GetBytes(text), target, out var length);
        Assert.Equal(expected is not null, ok);
        if (ok) Assert.Equal(expected, Convert.ToHexStringLower(target.AsSpan(0, length)));
    }

    [Fact]
    public void A_continued_text_is_joined_up_to_its_bound()
    {
        var assembler = new TextAssembler(10);
        Assert.Null(assembler.Append("Targe"u8));
        Assert.Null(assembler.Append("tN=\0x"u8));
        Assert.Equal("TargetN=\0x", Encoding.ASCII.GetString(assembler.Text));
        Assert.Equal("text-bound", assembler.Append("y"u8)?.Rule);
        assembler.Clear();
        Assert.Null(assembler.Append("y"u8));
        Assert.Equal(1, assembler.Length);
    }

    [Fact]
    public void The_table_is_in_order_of_its_index_and_finds_each_name()
    {
        Assert.Equal(Enum.GetValues<KeyId>(), KeyTable.All.Select(k => k.Id));
        foreach (var key in KeyTable.All) Assert.Same(key, KeyTable.Find(Encoding.ASCII.GetBytes(key.Name)));
        Assert.Null(KeyTable.Find("initialr2t"u8));
    }

    [Fact]
    public void Noise_never_makes_the_readers_throw()
    {
        var answers = new byte[16384];
        var turn = 0;
        Fuzzer.Run([.. CapturedPdu.All.Where(c => c.IsSmall && (c.Pdu[0] & 0x3F) is 3 or 0x23 or 4 or 0x24).Select(c => c.Pdu[Bhs.Length..].ToArray())], Fuzzer.Fraction(2), bytes =>
        {
            turn++;
            var reader = new TextKeyReader(bytes);
            var negotiation = new KeyNegotiation(turn % 2 == 0, KeyPolicy.OpenIscsi(iser: turn % 3 == 0), iser: turn % 3 == 0);
            var writer = new TextKeyWriter(answers.AsSpan(0, turn * 37 % answers.Length));
            if (turn % 2 == 0) negotiation.Offer(LoginStage.Operational, ref writer);
            while (reader.MoveNext())
            {
                negotiation.Receive(reader.Current, (LoginStage)(turn % 4), ref writer);
                TextValue.TryReadNumber(reader.Current.Value, out _);
                TextValue.TryReadBinary(reader.Current.Value, answers.AsSpan(0, turn % 64), out _);
                PortalAddress.TryParse(reader.Current.ValueText, out _);
            }
            SendTargetsText.TryRead(bytes, out _);
        });
    }

    private static Violation? ReadAll(string text)
    {
        var reader = new TextKeyReader(Encoding.UTF8.GetBytes(text));
        while (reader.MoveNext())
        {
        }
        return reader.Violation;
    }
}
