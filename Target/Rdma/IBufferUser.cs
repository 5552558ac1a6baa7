namespace Weft.Target.Rdma;

/// <summary>Somebody who borrows from a <see cref="DataPool"/>, and may have to wait in its line.</summary>
internal interface IBufferUser
{
    /// <summary>Bytes that it asked for, while it waits.</summary>
    int WantedBuffer { get; set; }
    /// <summary>What it was given while it waited, until it takes it.</summary>
    RegisteredBuffer? GrantedBuffer { get; set; }
    /// <summary>False once it was aborted.</summary>
    bool WaitsForBuffer { get; }

    /// <summary><see cref="GrantedBuffer"/> is set. If it is still set when this returns, it goes back to the pool.</summary>
    void BufferAvailable();
}
