using System.Buffers.Binary;
using Weft.Protocol.Analysis;
using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Tests.Analysis;

/// <summary>The frames of a capture with their times, to be changed and then shown to the rules.</summary>
internal sealed class Tape
{
    private readonly List<(byte[] Frame, Instant Time)> frames = [];

    public static Tape Load(string name)
    {
        var tape = new Tape();
        using var stream = File.OpenRead(Path.Combine(Corpus.Folder, name));
        var reader = CaptureReader.Open(stream, out _)!;
        while (reader.TryRead(out var packet)) tape.frames.Add((packet.Data.ToArray(), packet.Time));
        return tape;
    }

    public int Count => frames.Count;
    public byte[] this[int index] => frames[index].Frame;

    /// <summary>Index of the n-th frame, from 0, whose packet has one of the opcodes and whose payload passes.</summary>
    public int Find(Func<BthOpcode, byte[], bool> wanted, int n = 0)
    {
        for (var i = 0; i < frames.Count; i++)
            if (WireReader.Read(frames[i].Frame, i + 1, default, default, out var packet, out _) == WireVerdict.Good
                && wanted(packet.Transport.Opcode, packet.Transport.Payload.ToArray()) && n-- == 0) return i;
        throw new InvalidOperationException("no such frame");
    }

    /// <summary>Index of the n-th SEND of an iSCSI PDU.</summary>
    public int Find(IscsiOpcode opcode, int n = 0) => Find((o, p) => OpcodeInfo.Of(o) is { IsSend: true, StartsMessage: true }
        && p.Length >= 76 && p[0] >> 4 == 1 && (p[28] & 0x3F) == (int)opcode && o is not BthOpcode.UdSendOnly, n);

    /// <summary>Index of the n-th SEND of an SRP unit.</summary>
    public int FindSrp(byte opcode, int n = 0) => Find((o, p) => OpcodeInfo.Of(o) is { IsSend: true, StartsMessage: true }
        && o is not BthOpcode.UdSendOnly && p.Length >= 16 && p[0] == opcode, n);

    public int FindCm(int attribute, int n = 0) => Find((o, p) => o == BthOpcode.UdSendOnly && p.Length == 256 && p[17] == attribute, n);

    /// <summary>Changes BTH and what follows; the ICRC is made good again.</summary>
    public void Edit(int index, Action<byte[], int> change)
    {
        var frame = frames[index].Frame;
        RoceFrame.TryParse(frame, out var parts);
        change(frame, parts.TransportOffset);
        Icrc.Write(frame.AsSpan(parts.IcrcOffset), parts.ComputeIcrc(frame));
    }

    /// <summary>Changes the payload of a packet.</summary>
    public void EditPayload(int index, Action<byte[], int> change) => Edit(index, (frame, at) =>
        change(frame, at + OpcodeInfo.Of((BthOpcode)frame[at]).HeaderLength));

    public void Remove(int index) => frames.RemoveAt(index);
    public void Repeat(int index, int behind) => frames.Insert(behind + 1, ((byte[])frames[index].Frame.Clone(), frames[behind].Time));

    /// <summary>Replaces text in the payload by text of the same length.</summary>
    public void Replace(int index, string old, string replacement) => EditPayload(index, (frame, at) =>
    {
        var found = frame.AsSpan(at).IndexOf(System.Text.Encoding.ASCII.GetBytes(old));
        Assert.True(found >= 0 && old.Length == replacement.Length, old);
        System.Text.Encoding.ASCII.GetBytes(replacement).CopyTo(frame, at + found);
    });

    public static void Add32(byte[] frame, int at, uint n) =>
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(at), BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(at)) + n);

    /// <param name="asksForAddresses">The host asks for a neighbour's address in front of each frame.</param>
    public List<Finding> Judge(bool seesEverything = false, Action<Finding>? each = null, CaptureDirection direction = default, bool asksForAddresses = false, bool isDisturbed = false)
    {
        var findings = new List<Finding>();
        var rules = new WireRules(findings.Add);
        var tracker = new ConversationTracker(rules, seesEverything) { IsNetworkDisturbed = isDisturbed };
        for (var i = 0; i < frames.Count; i++)
        {
            if (asksForAddresses) tracker.AddressAsked = frames[i].Time;
            if (WireReader.Read(frames[i].Frame, i + 1, frames[i].Time, direction, out var packet, out _) == WireVerdict.Good) tracker.Take(packet);
        }
        findings.ForEach(f => each?.Invoke(f));
        return findings;
    }
}
