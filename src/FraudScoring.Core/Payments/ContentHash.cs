using System.Security.Cryptography;

namespace FraudScoring.Core.Payments;

/// <summary>SHA-256 of content as 64 lower-case hexadecimal digits, by which files, bundles, logs and keys are identified.</summary>
public static class ContentHash
{
    /// <summary>Hashes bytes.</summary>
    public static string Compute(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Hashes a stream from its position to its end without loading it into memory.</summary>
    public static string Compute(Stream content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
