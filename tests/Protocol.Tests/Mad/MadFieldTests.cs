using System.Text;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Tests.Mad;

public class MadFieldTests
{
    [Theory]
    [InlineData(0, 7, 8, 0xA5ul)]
    [InlineData(0, 3, 4, 0x5ul)]
    [InlineData(0, 7, 1, 1ul)]
    [InlineData(0, 0, 9, 0x13Cul)]
    [InlineData(1, 5, 20, 0xF0FF3ul)]
    public void A_field_reads_and_writes_its_own_bits_only(int offset, int high, int width, ulong expected)
    {
        byte[] bytes = [0xA5, 0x3C, 0x3F, 0xCC, 0x99, 0, 0, 0, 0];
        var field = new MadField("f", offset, high, width);
        Assert.Equal(expected, field.Read(bytes));
        var ones = new byte[9];
        Array.Fill(ones, (byte)0xFF);
        field.Write(ones, 0);
        Assert.Equal(72 - width, ones.Sum(b => System.Numerics.BitOperations.PopCount(b)));
        field.Write(ones, (1UL << width) - 1);
        Assert.Equal(72, ones.Sum(b => System.Numerics.BitOperations.PopCount(b)));
    }

    [Fact]
    public void Sixty_four_bits_fit()
    {
        var field = new MadField("guid", 1, 64, MadFieldFormat.Guid);
        var bytes = new byte[10];
        field.Write(bytes, 0xFEDC_BA98_7654_3210);
        Assert.Equal("00fedcba987654321000", Convert.ToHexStringLower(bytes));
        Assert.Equal(0xFEDC_BA98_7654_3210, field.Read(bytes));
    }

    [Fact]
    public void A_number_too_wide_is_refused_and_changes_nothing()
    {
        var bytes = new byte[2];
        Assert.Throws<ArgumentOutOfRangeException>(() => new MadField("f", 0, 4, 3).Write(bytes, 8));
        Assert.Equal(new byte[2], bytes);
    }

    [Fact]
    public void A_table_refuses_overlaps_and_fields_outside()
    {
        Assert.Throws<ArgumentException>(() => new MadFieldTable("t", 2, new MadField("a", 0, 12), new MadField("b", 1, 8)));
        Assert.Throws<ArgumentException>(() => new MadFieldTable("t", 2, new MadField("a", 1, 12)));
        Assert.Throws<ArgumentException>(() => new MadField("a", 0, 65));
        Assert.Throws<ArgumentException>(() => new MadField("a", 0, 3, 60));
    }

    [Fact]
    public void A_table_prints_what_is_set_and_names_reserved_bits()
    {
        var table = new MadFieldTable(
            "Thing", 44,
            new("Count", 0, 7, 4), new("Up", 0, 3, 1, MadFieldFormat.Flag), new("Wait", 1, 7, 5, MadFieldFormat.Time), new("Id", 2, 16, MadFieldFormat.Hex),
            new("Address", 4, 128, MadFieldFormat.Gid), new("Name", 20, 64, MadFieldFormat.Text), new("Rest", 28, 128, MadFieldFormat.Bytes));
        var bytes = new byte[44];
        table["Count"].Write(bytes, 5);
        table["Up"].Write(bytes, 1);
        table["Wait"].Write(bytes, 20);
        table["Id"].Write(bytes, 0x2A);
        Gid.Parse("10.9.0.11").Write(table["Address"].Bytes(bytes.AsSpan()));
        Encoding.ASCII.GetBytes("h1").CopyTo(table["Name"].Bytes(bytes.AsSpan()));
        bytes[29] = 7;
        bytes[0] |= 2;
        Assert.Equal("Thing Count=5 Up Wait=20 (4.294967 s) Id=0x002a Address=10.9.0.11 Name=h1 Rest=0007 reserved@0=0x02", table.Print(bytes));
        Assert.True(table.HasReservedBits(bytes));
    }

    [Fact]
    public void Coded_time_is_4096_ns_times_a_power_of_two()
    {
        Assert.Equal(4096, CodedTime.ToDuration(0).Nanoseconds);
        Assert.Equal(4096L << 31, CodedTime.ToDuration(31).Nanoseconds);
        Assert.Equal(20, CodedTime.FromDuration(CodedTime.ToDuration(20)));
        Assert.Equal(21, CodedTime.FromDuration(CodedTime.ToDuration(20) + Duration.FromNanoseconds(1)));
        Assert.Equal(31, CodedTime.FromDuration(Duration.Infinite));
        Assert.Equal(0, CodedTime.FromDuration(Duration.Zero));
    }
}
