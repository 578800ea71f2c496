using System.Security.Cryptography;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Training.Sealing;

/// <summary>A private key for signing bundles: ECDSA over P-256.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    private SigningKey(ECDsa key) => _key = key;

    /// <summary>The id of its public key.</summary>
    public string Id => TrustedKeys.IdOf(_key);

    /// <summary>Creates a key pair. Only the current user can read the private key; the public key is written next to it.</summary>
    /// <param name="path">Path of the private key; must not exist.</param>
    /// <returns>Path of the public key, and the key's id.</returns>
    /// <exception cref="IOException">One of the files exists or cannot be written.</exception>
    public static (string PublicPath, string Id) Create(string path)
    {
        var publicPath = Path.ChangeExtension(path, null) + ".pub.pem";
        if (File.Exists(publicPath) || File.Exists(path))
        {
            throw new IOException($"{(File.Exists(path) ? path : publicPath)} exists, and a key is never overwritten; use another --out");
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var writer = new StreamWriter(path, options))
        {
            writer.Write(key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        File.WriteAllText(publicPath, key.ExportSubjectPublicKeyInfoPem() + "\n");
        return (publicPath, TrustedKeys.IdOf(key));
    }

    /// <summary>Reads a private key (PEM, without a password).</summary>
    /// <exception cref="InvalidDataException">Not a private key, or on another curve.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SigningKey Load(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (!TrustedKeys.IsP256(key))
            {
                throw new CryptographicException("The key is not on the curve P-256; create one with keys create.");
            }
            // ImportFromPem accepts a public key too; only the export fails without the private part.
            key.ExportPkcs8PrivateKey();
            return new SigningKey(key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new InvalidDataException($"{path}: is not a private key that can sign ('keys create' creates one): {e.Message}");
        }
    }

    public string Sign(byte[] statement) =>
        Convert.ToBase64String(_key.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();
}
