namespace Weft.Protocol.Capture;

/// <summary>A stream read through a window that grows only as far as a caller's (checked) demand.</summary>
internal sealed class ByteSource(Stream stream)
{
    private byte[] buffer = new byte[64 * 1024];
    private int start, end;

    /// <summary>Offset in the file of the next byte.</summary>
    public long Offset { get; private set; }
    /// <summary>Bytes already in the window.</summary>
    public int Available => end - start;

    /// <summary>Looks at the next <paramref name="count"/> bytes; false when the file ends before.</summary>
    public bool TryPeek(int count, out ReadOnlySpan<byte> bytes)
    {
        var ok = Fill(count);
        bytes = ok ? buffer.AsSpan(start, count) : default;
        return ok;
    }

    /// <summary>Takes bytes; the memory is valid until the next call.</summary>
    public bool TryTake(int count, out ReadOnlyMemory<byte> bytes)
    {
        var ok = Fill(count);
        bytes = ok ? buffer.AsMemory(start, count) : default;
        if (!ok) return false;
        start += count;
        Offset += count;
        return true;
    }

    /// <summary>Passes over bytes without keeping them.</summary>
    public bool TrySkip(long count)
    {
        while (count > 0)
        {
            if (!Fill(1)) return false;
            var step = (int)Math.Min(count, Available);
            start += step;
            Offset += step;
            count -= step;
        }
        return true;
    }

    private bool Fill(int count)
    {
        if (Available >= count) return true;
        if (buffer.Length - start < count)
        {
            var target = count > buffer.Length ? new byte[Math.Max(count, buffer.Length * 2)] : buffer;
            buffer.AsSpan(start, Available).CopyTo(target);
            (buffer, start, end) = (target, 0, Available);
        }
        while (Available < count)
        {
            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0) return false;
            end += read;
        }
        return true;
    }
}
