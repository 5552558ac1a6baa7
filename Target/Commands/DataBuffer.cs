namespace Weft.Target.Commands;

/// <summary>
/// Memory for the data of a command, owned and pooled by the front end, which may derive from this to keep a registration (an L_Key)
/// beside it. The command core only reads and writes <see cref="Memory"/>, between taking and returning the buffer.
/// </summary>
public class DataBuffer
{
    public DataBuffer(Memory<byte> memory) => Memory = memory;

    public Memory<byte> Memory { get; protected set; }
    public int Length => Memory.Length;
}
