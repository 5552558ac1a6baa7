using System.Buffers;
using Weft.Protocol.Iser;

namespace Weft.Initiator.Iser;

/// <summary>
/// The memory of one connection's messages, one block under one registration: login buffers, a header for each command slot and for each
/// unsolicited Data-Out, control messages, receive buffers. Borrowed, and zeroed so that a run never sees what an earlier one left.
/// </summary>
internal sealed class IserArena
{
    /// <summary>Headers and the text of login and discovery.</summary>
    public const int LoginLength = IserMessage.HeadersLength + 8192;
    /// <summary>Headers and the additional header of a 32-byte CDB.</summary>
    public const int CommandLength = IserMessage.HeadersLength + 20;
    /// <summary>Control messages that can be on their way at once.</summary>
    public const int Controls = 16;
    private const int ControlLength = IserMessage.HeadersLength + 132;

    private byte[] memory;
    private readonly int commandsAt, controlsAt, dataOutsAt, receivesAt;

    public IserArena(IProtectionDomain domain, int commands, int dataOuts, int receives, int receiveLength)
    {
        ReceiveLength = receiveLength;
        commandsAt = 2 * LoginLength;
        controlsAt = commandsAt + commands * CommandLength;
        dataOutsAt = controlsAt + Controls * ControlLength;
        receivesAt = dataOutsAt + dataOuts * IserMessage.HeadersLength;
        var length = receivesAt + receives * receiveLength;
        memory = ArrayPool<byte>.Shared.Rent(length);
        memory.AsSpan(0, length).Clear();
        Region = domain.Register(memory.AsMemory(0, length), AccessFlags.LocalWrite);
    }

    public IMemoryRegion Region { get; }
    public int ReceiveLength { get; }

    public Piece LoginReceive => new(this, 0, LoginLength);
    public Piece LoginSend => new(this, LoginLength, LoginLength);
    public Piece Command(int slot) => new(this, commandsAt + slot * CommandLength, CommandLength);
    public Piece Control(int index) => new(this, controlsAt + index * ControlLength, ControlLength);
    public Piece DataOut(int index) => new(this, dataOutsAt + index * IserMessage.HeadersLength, IserMessage.HeadersLength);
    public Piece Receive(int index) => new(this, receivesAt + index * ReceiveLength, ReceiveLength);

    /// <summary>Gives registration and memory back.</summary>
    public void Release()
    {
        if (memory.Length == 0) return;
        Region.Deregister();
        ArrayPool<byte>.Shared.Return(memory);
        memory = []; // late users fail here instead of writing into somebody else's
    }

    /// <summary>One buffer of the arena.</summary>
    public readonly struct Piece(IserArena arena, int offset, int length)
    {
        public Span<byte> Span => arena.memory.AsSpan(offset, length);
        /// <summary>Its first bytes, for a work request.</summary>
        public Sge First(int bytes) => new(arena.Region.Address + (ulong)offset, (uint)bytes, arena.Region.LKey);
        public Sge Whole => First(length);
    }
}
