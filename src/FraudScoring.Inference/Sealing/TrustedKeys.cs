using System.Security.Cryptography;
using FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Sealing;

/// <summary>Public keys whose signatures count, by id.</summary>
public sealed class TrustedKeys
{
    private const string PublicKeyLabel = "PUBLIC KEY";
    private readonly Dictionary<string, byte[]> _keys = [];

    /// <summary>No key.</summary>
    public static TrustedKeys None { get; } = new();

    /// <summary>Number of keys.</summary>
    public int Count => _keys.Count;

    /// <summary>Reads PEM files, each with one or more public keys.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="faults">Receives every fault.</param>
    public static TrustedKeys Load(IEnumerable<string> paths, Faults faults)
    {
        var keys = new TrustedKeys();
        foreach (var path in paths)
        {
            try
            {
                keys.Add(path, File.ReadAllText(path), faults);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                faults.Add(path, $"cannot be read: {e.Message}");
            }
        }
        return keys;
    }

    /// <summary>The id of a public key: SHA-256 of its SubjectPublicKeyInfo, hexadecimal.</summary>
    public static string IdOf(ECDsa key) => ContentHash.Compute(key.ExportSubjectPublicKeyInfo());

    /// <summary>True for a key on P-256, the curve of seals.</summary>
    public static bool IsP256(ECDsa key) =>
        key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && curve.Oid?.Value == "1.2.840.10045.3.1.7";

    /// <summary>True when the key of this id is trusted.</summary>
    public bool Has(string id) => _keys.ContainsKey(id);

    /// <summary>True when the key of this id is trusted and made the signature.</summary>
    public bool Verify(string id, ReadOnlySpan<byte> statement, string signature)
    {
        if (!_keys.TryGetValue(id, out var publicKey))
        {
            return false;
        }
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && key.VerifyData(statement, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private void Add(string path, string text, Faults faults)
    {
        var found = false;
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            found = true;
            if (!rest[fields.Label].SequenceEqual(PublicKeyLabel))
            {
                faults.Add(path,
                    $"holds a {rest[fields.Label]}; only public keys belong here (keys create writes one next to each private key)");
                continue;
            }
            try
            {
                using var key = ECDsa.Create();
                key.ImportFromPem(rest[fields.Location]);
                if (!IsP256(key))
                {
                    throw new CryptographicException("It is not on the curve P-256; create one with keys create.");
                }
                _keys[IdOf(key)] = key.ExportSubjectPublicKeyInfo();
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                faults.Add(path, $"holds a public key that cannot be used: {e.Message}");
            }
        }
        if (!found)
        {
            faults.Add(path, "holds no public key (PEM); name the .pub.pem file that keys create wrote");
        }
    }
}
