using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Weft.Protocol.Tools;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>
/// The sentences of perftest's conversation, version 5.70 on: in each the client speaks first and the server answers in kind. Read off the
/// traffic of version 6.06 (perf-*.pcap).
/// </summary>
internal sealed class PerfTalk(IPerfChannel channel, bool isClient)
{
    private const string OwnVersion = "6.06";
    private const double OldestVersion = 5.70;
    private const int VersionLength = 16, MtuLength = 2;

    /// <summary>Says what we are, and agrees on the memory that small messages walk through and on the path MTU: the smaller of both.</summary>
    /// <exception cref="IOException">The peer is too old, or says something else.</exception>
    public async Task<PathMtu> GreetAsync(PathMtu own)
    {
        var version = new byte[VersionLength];
        Encoding.ASCII.GetBytes(OwnVersion, version);
        var theirs = Encoding.ASCII.GetString(await ExchangeAsync(version)).TrimEnd('\0');
        if (!double.TryParse(theirs, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number < OldestVersion)
            throw new IOException($"the peer says that it is version '{ToolText.Show(Encoding.ASCII.GetBytes(theirs))}' of perftest; at least {OldestVersion:f2} is needed");
        await ExchangeAsync(PerfOptions.CycleBuffer);
        await ExchangeAsync(PerfOptions.CacheLine);
        var mtu = (await ExchangeAsync([(byte)('0' + (int)own), 0]))[..MtuLength][0] - '0';
        return mtu is >= (int)PathMtu.Mtu256 and <= (int)PathMtu.Mtu4096 ? (PathMtu)Math.Min(mtu, (int)own) : own;
    }

    /// <summary>Tells where our queue pair is and hears where the peer's is; as a handshake, only that both have come so far.</summary>
    /// <exception cref="IOException">What the peer says is no such message.</exception>
    public async Task<PerftestKeys> HandshakeAsync(PerftestKeys own)
    {
        var message = new byte[channel.KeysLength];
        channel.WriteKeys(message, own);
        var answer = await ExchangeAsync(message);
        return channel.TryReadKeys(answer, out var keys) ? keys : throw new IOException($"the peer said '{ToolText.Show(answer)}' where the keys of a queue pair belong");
    }

    public async Task<PerfReport> ExchangeAsync(PerfReport own) => new(
        (long)Whole(await ExchangeAsync(Bytes((ulong)own.Size))), (long)Whole(await ExchangeAsync(Bytes((ulong)own.Iterations))),
        Real(await ExchangeAsync(Bytes(own.Peak))), Real(await ExchangeAsync(Bytes(own.Average))), Real(await ExchangeAsync(Bytes(own.MessageRate))));

    public async Task CloseAsync(PerftestKeys own)
    {
        await HandshakeAsync(own);
        await channel.CloseAsync();
    }

    private async Task ExchangeAsync(int number)
    {
        var message = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(message, number);
        await ExchangeAsync(message);
    }

    private async Task<byte[]> ExchangeAsync(byte[] own)
    {
        var theirs = new byte[own.Length];
        if (isClient) await channel.WriteAsync(own);
        await channel.ReadAsync(theirs);
        if (!isClient) await channel.WriteAsync(own);
        return theirs;
    }

    private static byte[] Bytes(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(double value) => Bytes(BitConverter.DoubleToUInt64Bits(value));
    private static ulong Whole(byte[] bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes);
    private static double Real(byte[] bytes) => BitConverter.UInt64BitsToDouble(Whole(bytes));
}
