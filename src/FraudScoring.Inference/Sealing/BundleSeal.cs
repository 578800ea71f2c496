using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.Sealing;

/// <summary>
/// The seal of a bundle, <c>seal.json</c> in its folder: gates, signatures and approvals, which come after training. A signature or
/// approval covers the manifest's hash and the gates together, so neither can be changed without breaking it.
/// </summary>
/// <param name="Format">Version of the file format.</param>
/// <param name="Manifest">SHA-256 of the bundle's manifest, hexadecimal: the bundle's hash.</param>
/// <param name="Gates">Outcome of the gates; null when the bundle was sealed without.</param>
/// <param name="Signatures">Signatures of the bundle.</param>
/// <param name="Approvals">Approvals of the bundle.</param>
public sealed record BundleSeal(
    int Format, string Manifest, SealedGates? Gates, IReadOnlyList<SealSignature> Signatures, IReadOnlyList<SealApproval> Approvals)
{
    /// <summary>File name of the seal in a bundle.</summary>
    public const string FileName = "seal.json";

    /// <summary>File name, in a bundle, of the gate report it was sealed with.</summary>
    public const string GatesFileName = "gates.json";

    /// <summary>The format this release reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>An empty seal.</summary>
    public static BundleSeal Create(string manifest) => new(CurrentFormat, manifest, null, [], []);

    /// <summary>Reads a seal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="faults">Receives every fault of the file.</param>
    /// <returns>Null when the file does not exist or is faulty.</returns>
    public static BundleSeal? Load(string path, Faults faults)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        var before = faults.Count;
        try
        {
            var seal = JsonSerializer.Deserialize<BundleSeal>(File.ReadAllBytes(path), ModelManifest.Json)
                ?? throw new JsonException("The file contains null.");
            if (seal.Signatures.Contains(null!) || seal.Approvals.Contains(null!)
                || (seal.Gates is { } gates && gates.Waivers.Contains(null!)))
            {
                throw new JsonException("Lists must not contain null.");
            }
            faults.AddRange(seal.Texts().Where(text => !PlainText.Is(text.Value))
                .Select(text => new Fault(path, $"is not a valid seal: {text.Name} contains characters that cannot be displayed")));
            if (seal.Format == CurrentFormat)
            {
                return faults.Count > before ? null : seal;
            }
            faults.Add(path,
                $"has format {seal.Format}, but this release reads format {CurrentFormat}; seal the bundle again with this release");
        }
        catch (JsonException e)
        {
            faults.Add(path, $"is not a valid seal: {e.Message} Seal the bundle again");
        }
        return null;
    }

    /// <summary>All texts written by others and shown to people.</summary>
    private IEnumerable<(string Name, string Value)> Texts() =>
    [
        ("manifest", Manifest),
        ("gates.sha256", Gates?.Sha256 ?? ""),
        .. (Gates?.Waivers ?? []).SelectMany((waiver, i) =>
            Labelled($"gates.waivers[{i}]", ("gate", waiver.Gate), ("by", waiver.By), ("because", waiver.Because))),
        .. Signatures.SelectMany((signature, i) => Labelled($"signatures[{i}]", ("key", signature.Key), ("at", signature.At))),
        .. Approvals.SelectMany((a, i) => Labelled($"approvals[{i}]", ("by", a.By), ("comment", a.Comment), ("key", a.Key), ("at", a.At))),
    ];

    private static IEnumerable<(string Name, string Value)> Labelled(string where, params (string Name, string Value)[] texts) =>
        texts.Select(text => ($"{where}.{text.Name}", text.Value));

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, ModelManifest.Json), (byte)'\n'];
}

/// <summary>Outcome of the gates for a bundle.</summary>
/// <param name="Sha256">SHA-256 of the report, which is in the bundle as gates.json; hexadecimal.</param>
/// <param name="Passed">True when no gate failed.</param>
/// <param name="Waivers">The failed gates, and who waived each.</param>
public sealed record SealedGates(string Sha256, bool Passed, IReadOnlyList<SealedWaiver> Waivers);

/// <summary>A failed gate that was waived.</summary>
/// <param name="Gate">Name of the gate.</param>
/// <param name="By">Who waived it.</param>
/// <param name="Because">Why.</param>
public sealed record SealedWaiver(string Gate, string By, string Because);

/// <summary>A signature of a bundle.</summary>
/// <param name="Key">Id of the key: SHA-256 of the public key, hexadecimal.</param>
/// <param name="At">When it was made, UTC, ISO 8601.</param>
/// <param name="Signature">The signature (ECDSA, P-256, SHA-256, DER), Base64.</param>
public sealed record SealSignature(string Key, string At, string Signature);

/// <summary>An approval of a bundle.</summary>
/// <param name="By">Who approved.</param>
/// <param name="Comment">Their comment.</param>
/// <param name="Key">Id of their key.</param>
/// <param name="At">When, UTC, ISO 8601.</param>
/// <param name="Signature">The signature, Base64.</param>
public sealed record SealApproval(string By, string Comment, string Key, string At, string Signature);
