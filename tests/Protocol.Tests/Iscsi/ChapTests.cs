using System.Text;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Tests.Iscsi;

public class ChapTests
{
    /// <summary>Responses that open-iscsi, libiscsi and LIO computed; secrets of the captures' README.</summary>
    [Theory]
    [InlineData(1, "labsecret12345", "0xab0108b49f635520760ae794f4dfeb45", "951a5dc701dbc6c03724f28f186dbb53")]
    [InlineData(28, "tgtsecret67890", "0xf7af675a2fdabba39772307df0f48625", "60ef4dc03f5706bfe2a117f74ddffb3f")]
    [InlineData(2, "labsecret12345", "0xcb4dfa15798e5865061c29b46e56ca5e", "707bcc12d812115b45f63c2194bc90ed")]
    [InlineData(56, "tgtsecret67890", "0xe5266ca38b7ad613ccf63d5162c9fec0", "0c03792dc532716c8ff26a87fd0f2ad4")]
    [InlineData(3, "wrongsecret999", "0xd6e9e45b6d3be5cab5d70d1cf8ebcb41", "58B02B79A182DDB69D9EDF11E3A4AD5E")]
    public void Md5_as_Linux_computes_it(byte identifier, string secret, string challenge, string expected)
    {
        var bytes = new byte[64];
        Assert.True(TextValue.TryReadBinary(Encoding.ASCII.GetBytes(challenge), bytes, out var length));
        var response = new byte[Chap.MaxDigestLength];
        var n = Chap.Respond(ChapAlgorithm.Md5, identifier, Encoding.ASCII.GetBytes(secret), bytes.AsSpan(0, length), response);
        Assert.Equal(expected.ToLowerInvariant(), Convert.ToHexStringLower(response.AsSpan(0, n)));
    }

    /// <summary>Digests of "abc" split over identifier, secret and challenge: the published vectors of FIPS 180 and FIPS 202.</summary>
    [Theory]
    [InlineData(ChapAlgorithm.Md5, "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData(ChapAlgorithm.Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData(ChapAlgorithm.Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(ChapAlgorithm.Sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    public void Algorithms(ChapAlgorithm algorithm, string expected)
    {
        var response = new byte[Chap.MaxDigestLength];
        var n = Chap.Respond(algorithm, (byte)'a', "b"u8, "c"u8, response);
        Assert.Equal(Chap.DigestLength(algorithm), n);
        Assert.Equal(expected, Convert.ToHexStringLower(response.AsSpan(0, n)));
    }

    [Fact]
    public void Sha3_of_lengths_around_its_block_agrees_with_the_platform()
    {
        if (!System.Security.Cryptography.SHA3_256.IsSupported) return; // the vector above stands alone there
        for (var length = 1; length < 300; length++)
        {
            var message = new byte[length];
            for (var i = 0; i < length; i++) message[i] = (byte)(i * 7);
            var response = new byte[32];
            Chap.Respond(ChapAlgorithm.Sha3_256, message[0], message.AsSpan(1), default, response);
            Assert.Equal(System.Security.Cryptography.SHA3_256.HashData(message), response);
        }
    }
}
