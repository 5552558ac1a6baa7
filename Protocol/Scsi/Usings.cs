global using static System.Buffers.Binary.BinaryPrimitives;
