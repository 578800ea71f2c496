using FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Sealing;

/// <summary>What a bundle's seal must hold for the bundle to be used.</summary>
/// <remarks>
/// A signature or approval by a trusted key that does not verify is a fault even where none is required: it shows that the seal was
/// altered. Signatures by unknown keys are ignored, since a bundle may be signed for other services, too. Approvals count by key, not by
/// name, because one person could write any number of names.
/// </remarks>
/// <param name="Keys">Keys whose signatures and approvals count.</param>
/// <param name="Signature">True to require at least one signature.</param>
/// <param name="Gates">True to require a gate report.</param>
/// <param name="Approvals">
/// Number of approvals, each by a different trusted key. The signing key counts as one; use 2 for four-eyes approval.
/// </param>
public sealed record SealRequirements(TrustedKeys Keys, bool Signature, bool Gates, int Approvals)
{
    /// <summary>
    /// True to require that the gate report in the bundle is the one it was sealed with; false while the bundle is being sealed with
    /// another.
    /// </summary>
    public bool HeldGates { get; init; } = true;

    /// <summary>Requires nothing. A seal that exists must still belong to its bundle.</summary>
    public static SealRequirements None { get; } = new(TrustedKeys.None, false, false, 0);

    /// <summary>Checks a bundle's seal.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="hash">The bundle's hash.</param>
    /// <param name="faults">Receives every fault.</param>
    public void Check(string folder, string hash, Faults faults)
    {
        var before = faults.Count;
        var path = Path.Combine(folder, BundleSeal.FileName);
        if (BundleSeal.Load(path, faults) is { } seal)
        {
            CheckContent(path, seal, hash, faults);
            CheckSignatures(path, seal, faults);
            CheckApprovals(path, seal, faults);
        }
        else if (faults.Count == before && (Signature || Gates || Approvals > 0))
        {
            faults.Add(path, "does not exist, but bundles must be sealed here; check the bundle, then seal it with the seal command");
        }
    }

    private void CheckContent(string path, BundleSeal seal, string hash, Faults faults)
    {
        if (seal.Manifest != hash)
        {
            faults.Add(path, $"belongs to another manifest, {seal.Manifest}; this bundle's manifest is {hash}; seal the bundle again");
        }
        if (Gates && seal.Gates is null)
        {
            faults.Add(path, "holds no gate report, which is required; seal the bundle with --gates");
        }
        if (HeldGates && seal.Gates is { } gates)
        {
            var report = Path.Combine(Path.GetDirectoryName(path)!, BundleSeal.GatesFileName);
            var actual = File.Exists(report) ? ContentHash.Compute(File.ReadAllBytes(report)) : null;
            if (actual != gates.Sha256)
            {
                faults.Add(report, actual is null
                    ? "does not exist, but the bundle was sealed with it; copy it back, or seal the bundle again with --gates"
                    : $"was altered: its SHA-256 is {actual}, the seal names {gates.Sha256}; seal the bundle again with --gates");
            }
        }
    }

    private void CheckSignatures(string path, BundleSeal seal, Faults faults)
    {
        var trusted = seal.Signatures.Where(signature => Keys.Has(signature.Key)).ToList();
        var broken = trusted
            .Where(signature => !Keys.Verify(signature.Key, SealStatement.OfSignature(seal, signature.At), signature.Signature)).ToList();
        faults.AddRange(broken.Select(signature => new Fault(path,
            $"holds a signature by key {signature.Key} that does not verify: the seal was altered; seal the bundle again")));
        if (Signature && trusted.Count == broken.Count)
        {
            faults.Add(path, seal.Signatures.Count == 0 ? "is not signed, which is required; sign it with the seal command"
                : $"is signed by no trusted key, only by {string.Join(", ", seal.Signatures.Select(signature => signature.Key))}; "
                    + "sign it with a trusted key, or add the key to the trusted keys");
        }
    }

    private void CheckApprovals(string path, BundleSeal seal, Faults faults)
    {
        var trusted = seal.Approvals.Where(approval => Keys.Has(approval.Key)).ToList();
        var broken = trusted
            .Where(a => !Keys.Verify(a.Key, SealStatement.OfApproval(seal, a.By, a.Comment, a.At), a.Signature)).ToList();
        faults.AddRange(broken.Select(approval => new Fault(path,
            $"holds an approval by key {approval.Key} that does not verify: the seal was altered; have it approved again")));
        var valid = trusted.Except(broken).Select(approval => approval.Key).Distinct().Count();
        if (valid < Approvals)
        {
            faults.Add(path, $"has {valid} of {Approvals} required approvals by trusted keys; add one with the approve command");
        }
    }
}
