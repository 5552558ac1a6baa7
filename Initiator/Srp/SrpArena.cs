using System.Buffers;
using Weft.Fabric.Verbs;
using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

/// <summary>
/// The memory of one channel's messages, one block under one registration: a request for each place of the ring, tables of descriptors that the
/// target may read, notices, receive buffers. Borrowed, and zeroed so that a run never sees what an earlier one left.
/// </summary>
internal sealed class SrpArena
{
    /// <summary>Notices that can be on their way at once: answers to SRP_CRED_REQ and SRP_AER_REQ, and the logout.</summary>
    public const int Notices = 3;

    private byte[] memory;
    private readonly int requestLength, tableLength, receiveLength, tablesAt, noticesAt, receivesAt;

    /// <param name="requests">Places of the ring.</param>
    /// <param name="requestLength">Longest request, bytes.</param>
    /// <param name="tableEntries">Descriptors in a table; 0: no tables of their own.</param>
    public SrpArena(IProtectionDomain domain, int requests, int requestLength, int tableEntries, int receives, int receiveLength)
    {
        (this.requestLength, this.receiveLength) = ((requestLength + 7) & ~7, receiveLength);
        tableLength = tableEntries * SrpDescriptor.Length;
        tablesAt = requests * this.requestLength;
        noticesAt = tablesAt + requests * tableLength;
        receivesAt = noticesAt + Notices * SrpNotice.Length;
        var length = receivesAt + receives * receiveLength;
        memory = ArrayPool<byte>.Shared.Rent(length);
        memory.AsSpan(0, length).Clear();
        Region = domain.Register(memory.AsMemory(0, length), tableEntries > 0 ? AccessFlags.LocalWrite | AccessFlags.RemoteRead : AccessFlags.LocalWrite);
    }

    public IMemoryRegion Region { get; }

    public Span<byte> Request(int slot) => memory.AsSpan(slot * requestLength, requestLength);
    public Sge RequestSge(int slot, int length) => SgeAt(slot * requestLength, length);
    public Span<byte> Table(int slot) => memory.AsSpan(tablesAt + slot * tableLength, tableLength);
    public ulong TableAddress(int slot) => Region.Address + (ulong)(tablesAt + slot * tableLength);
    public Span<byte> Notice(int index) => memory.AsSpan(noticesAt + index * SrpNotice.Length, SrpNotice.Length);
    public Sge NoticeSge(int index) => SgeAt(noticesAt + index * SrpNotice.Length, SrpNotice.Length);
    public ReadOnlySpan<byte> Receive(int index, int length) => memory.AsSpan(receivesAt + index * receiveLength, length);
    public Sge ReceiveSge(int index) => SgeAt(receivesAt + index * receiveLength, receiveLength);

    private Sge SgeAt(int offset, int length) => new(Region.Address + (ulong)offset, (uint)length, Region.LKey);

    /// <summary>Gives registration and memory back.</summary>
    public void Release()
    {
        if (memory.Length == 0) return;
        Region.Deregister();
        ArrayPool<byte>.Shared.Return(memory);
        memory = []; // late users fail here instead of writing into somebody else's
    }
}
