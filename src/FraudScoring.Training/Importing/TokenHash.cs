using System.Security.Cryptography;
using System.Text;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Replaces identifiers that must not be stored, such as card numbers, with tokens: 128 bits of HMAC-SHA-256, in hexadecimal.
/// </summary>
/// <param name="key">The secret key; empty for plain SHA-256, from which card numbers can be found by trying all.</param>
internal sealed class TokenHash(byte[] key)
{
    private const int Bytes = 16;

    /// <summary>The token of a text. The same text and key always give the same token.</summary>
    public string Compute(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = key.Length == 0 ? SHA256.HashData(bytes, hash) : HMACSHA256.HashData(key, bytes, hash);
        return Convert.ToHexStringLower(hash[..Bytes]);
    }
}
