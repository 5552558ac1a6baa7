using System.Runtime.InteropServices;
using Weft.Protocol.Checksums;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>
/// Invariant CRC: CRC-32 over eight bytes of ones (or the LRH), the network headers and the packet up to the pad, with every field that
/// may change on the way taken as ones. Stored least significant byte first. IBA Vol 1 §7.8.1, RoCEv2: annex A17.3.3.
/// Each method takes the packet without the ICRC and copies only its first 64 bytes, to mask them.
/// </summary>
public static class Icrc
{
    public const int Length = 4;
    /// <summary>The CRC register after eight bytes of ones, which stand for a masked LRH.</summary>
    private const uint AfterOnes = 0xDEBB_20E3;
    private const int HeadLength = 64;

    // Ones where the packet is masked; the rest of the 64 bytes is left alone.
    private static ReadOnlySpan<byte> IPv4Mask => // TOS, TTL, header checksum | UDP checksum | BTH resv8a
    [
        0, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0xFF, 0xFF,
        0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    private static ReadOnlySpan<byte> IPv6Mask => // traffic class, flow label, hop limit | UDP checksum | BTH resv8a
    [
        0x0F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0xFF, 0xFF,
        0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    private static ReadOnlySpan<byte> GrhMask => // traffic class, flow label, hop limit | BTH resv8a
    [
        0x0F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    private static ReadOnlySpan<byte> LrhMask => // VL | BTH resv8a
    [
        0xF0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <param name="packet">From the IPv4 header (without options) to the pad.</param>
    public static uint ComputeIPv4(ReadOnlySpan<byte> packet) => Compute(AfterOnes, packet, IPv4Mask);

    /// <param name="packet">From the IPv6 header (no extension headers) to the pad.</param>
    public static uint ComputeIPv6(ReadOnlySpan<byte> packet) => Compute(AfterOnes, packet, IPv6Mask);

    /// <summary>RoCEv1, and native InfiniBand with a GRH: the LRH counts as ones.</summary>
    /// <param name="packet">From the GRH to the pad.</param>
    public static uint ComputeGrh(ReadOnlySpan<byte> packet) => Compute(AfterOnes, packet, GrhMask);

    /// <summary>Native InfiniBand, with or without a GRH as the LRH says.</summary>
    /// <param name="packet">From the LRH to the pad; at least 8 bytes.</param>
    public static uint ComputeLrh(ReadOnlySpan<byte> packet) =>
        (LinkNextHeader)(packet[1] & 3) == LinkNextHeader.Global ? ComputeGrh(packet[Lrh.Length..]) : Compute(Crc32.Initial, packet, LrhMask);

    public static uint Read(ReadOnlySpan<byte> source) => ReadUInt32LittleEndian(source);
    public static void Write(Span<byte> target, uint icrc) => WriteUInt32LittleEndian(target, icrc);

    private static uint Compute(uint register, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> mask)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        var length = Math.Min(packet.Length, HeadLength);
        packet[..length].CopyTo(head);
        var words = MemoryMarshal.Cast<byte, ulong>(head);
        var maskWords = MemoryMarshal.Cast<byte, ulong>(mask);
        for (var i = 0; i < words.Length; i++) words[i] |= maskWords[i];
        register = Crc32.Update(register, head[..length]);
        return ~(packet.Length > HeadLength ? Crc32.Update(register, packet[HeadLength..]) : register);
    }
}
