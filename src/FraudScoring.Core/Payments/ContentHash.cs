using System.Security.Cryptography;

namespace FraudScoring.Core.Payments;

/// <summary>SHA-256 of content, as 64 hexadecimal digits in lower case: how files, bundles, logs and keys are named and compared.</summary>
public static class ContentHash
{
    /// <summary>Hashes bytes.</summary>
    public static string Compute(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Hashes a stream from its position to its end, in pieces: a large file is never held in memory.</summary>
    public static string Compute(Stream content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
