using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Spool;

/// <summary>Encrypts the records of a spool with AES-256-GCM, so that a copy of its file shows no tokens.</summary>
/// <remarks>
/// A sealed record is a record without a key: its only header names the encryption key, and its value is the nonce, the tag and the
/// ciphertext of key, headers and value. The topic stays readable, and is authenticated. A spool may hold sealed records and others.
/// </remarks>
internal sealed class SpoolCipher : IDisposable
{
    /// <summary>Length of the key, in bytes.</summary>
    public const int KeyLength = 32;

    private const string SealedHeader = "spool-sealed", Key = "key", Headers = "headers", Value = "value";
    private const int KeyIdLength = 8, MostFileBytes = 1024;

    private static readonly int NonceLength = AesGcm.NonceByteSizes.MaxSize, TagLength = AesGcm.TagByteSizes.MaxSize;

    private readonly AesGcm _cipher;
    private readonly byte[] _header;

    /// <param name="key">32 bytes.</param>
    public SpoolCipher(ReadOnlySpan<byte> key)
    {
        _cipher = new AesGcm(key, TagLength);
        var id = SHA256.HashData(key)[..KeyIdLength];
        (KeyId, _header) = (Convert.ToHexStringLower(id), SpooledHeaders.Write((SealedHeader, id)));
    }

    /// <summary>16 hexadecimal digits that tell this key from others and reveal nothing of it: the beginning of its SHA-256.</summary>
    public string KeyId { get; }

    /// <summary>Reads a key from a file that holds 32 bytes in base64. Adds a fault if that is not so.</summary>
    public static SpoolCipher? Read(string path, Faults faults)
    {
        const string remedy = "it must hold 32 bytes in base64, as openssl rand -base64 32 prints them";
        try
        {
            var file = new FileInfo(path);
            var text = file.Length > MostFileBytes ? [] : Encoding.UTF8.GetBytes(File.ReadAllText(path).Trim());
            var key = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
            if (Base64.DecodeFromUtf8(text, key, out _, out var length) == System.Buffers.OperationStatus.Done && length == KeyLength)
            {
                return new SpoolCipher(key.AsSpan(0, length));
            }
            faults.Add(Field, $"{file.FullName} is not a key: {remedy}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(Field, $"cannot be read: {e.Message.TrimEnd('.')}; {remedy}");
        }
        return null;
    }

    /// <summary>The key id of a sealed record; null if the record is not sealed.</summary>
    public static string? KeyIdOf(in SpooledRecord record) =>
        record.Key is null && SpooledHeaders.Read(record.Headers).Take(2).ToList() is [(SealedHeader, { Length: KeyIdLength } id)]
            ? Convert.ToHexStringLower(id)
            : null;

    /// <summary>Seals a record.</summary>
    public SpooledRecord Seal(in SpooledRecord record)
    {
        var plain = SpooledHeaders.Write((Key, record.Key), (Headers, record.Headers), (Value, record.Value));
        var sealedBytes = new byte[NonceLength + TagLength + plain.Length];
        var nonce = sealedBytes.AsSpan(0, NonceLength);
        var tag = sealedBytes.AsSpan(NonceLength, TagLength);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(NonceLength + TagLength), tag, Encoding.UTF8.GetBytes(record.Topic));
        return new SpooledRecord(record.Topic, null, sealedBytes, _header);
    }

    /// <summary>Opens a sealed record.</summary>
    /// <returns>False if it was sealed with another key, or changed since.</returns>
    public bool TryOpen(in SpooledRecord record, [NotNullWhen(true)] out SpooledRecord? opened)
    {
        opened = null;
        if (record.Value is not { } bytes || bytes.Length < NonceLength + TagLength)
        {
            return false;
        }
        var plain = new byte[bytes.Length - NonceLength - TagLength];
        try
        {
            _cipher.Decrypt(
                bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength + TagLength), bytes.AsSpan(NonceLength, TagLength), plain,
                Encoding.UTF8.GetBytes(record.Topic));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        var parts = SpooledHeaders.Read(plain).ToDictionary(part => part.Name, part => part.Value);
        opened = new SpooledRecord(record.Topic, parts[Key], parts[Value], parts[Headers] ?? []);
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _cipher.Dispose();

    private static string Field => $"{SpoolOptions.Section}:{nameof(SpoolOptions.KeyFile)}";
}
