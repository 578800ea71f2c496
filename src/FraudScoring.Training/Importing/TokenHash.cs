using System.Security.Cryptography;
using System.Text;

namespace FraudScoring.Training.Importing;

/// <summary>Makes tokens of identifiers that must not be stored, such as card numbers: 128 bits of a hash, in hexadecimal.</summary>
/// <param name="key">The secret that the hash is keyed with; empty for a plain SHA-256, which anyone can repeat.</param>
internal sealed class TokenHash(byte[] key)
{
    private const int Bytes = 16;

    /// <summary>The token of a text: the same text and key give the same one.</summary>
    public string Compute(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = key.Length == 0 ? SHA256.HashData(bytes, hash) : HMACSHA256.HashData(key, bytes, hash);
        return Convert.ToHexStringLower(hash[..Bytes]);
    }
}
