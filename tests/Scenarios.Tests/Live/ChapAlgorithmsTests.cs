using Weft.Protocol.Iscsi.Login;
using Weft.Scenarios.Live;

namespace Weft.Scenarios.Tests.Live;

public class ChapAlgorithmsTests
{
    [Fact]
    public void Names_are_those_of_open_iscsi_and_their_order_is_kept() =>
        Assert.Equal([ChapAlgorithm.Md5, ChapAlgorithm.Sha3_256, ChapAlgorithm.Sha1], ChapAlgorithms.Parse("MD5,sha3-256,SHA1"));

    [Theory, InlineData("MD4"), InlineData(""), InlineData("MD5,"), InlineData("MD5,MD5")]
    public void What_is_no_name_or_there_twice_is_refused(string list) => Assert.Throws<FormatException>(() => ChapAlgorithms.Parse(list));
}
