using FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Sealing;

/// <summary>What a bundle's seal must hold for the bundle to be used.</summary>
/// <param name="Keys">Keys whose signatures and approvals count.</param>
/// <param name="Signature">At least one signature.</param>
/// <param name="Gates">The gates' report.</param>
/// <param name="Approvals">So many approvals, each by another key.</param>
public sealed record SealRequirements(TrustedKeys Keys, bool Signature, bool Gates, int Approvals)
{
    /// <summary>The report of the gates beside the seal must be the one it was sealed with; not looked at where another takes its place.</summary>
    public bool HeldGates { get; init; } = true;

    /// <summary>Nothing is required. A seal that is there must still be of its bundle.</summary>
    public static SealRequirements None { get; } = new(TrustedKeys.None, false, false, 0);

    /// <summary>Checks a bundle's seal.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="hash">The bundle's hash.</param>
    /// <param name="faults">Gets all that is wrong.</param>
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
            faults.Add(path, "does not exist, but bundles must be sealed here; check the bundle and seal it with the command seal");
        }
    }

    private void CheckContent(string path, BundleSeal seal, string hash, Faults faults)
    {
        if (seal.Manifest != hash)
        {
            faults.Add(path, $"is of another manifest: {seal.Manifest}; that of the bundle is {hash}");
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
                faults.Add(report, actual is null ? "does not exist, but the bundle was sealed with it"
                    : $"was altered: its SHA-256 is {actual}, the seal says {gates.Sha256}; seal the bundle again with --gates");
            }
        }
    }

    private void CheckSignatures(string path, BundleSeal seal, Faults faults)
    {
        var trusted = seal.Signatures.Where(signature => Keys.Has(signature.Key)).ToList();
        var broken = trusted.Where(signature => !Keys.Verify(signature.Key, SealStatement.OfSignature(seal, signature.At), signature.Signature)).ToList();
        faults.AddRange(broken.Select(signature => new Fault(path, $"the signature of key {signature.Key} does not fit: the seal was altered")));
        if (Signature && trusted.Count == broken.Count)
        {
            faults.Add(path, seal.Signatures.Count == 0 ? "is not signed, which is required"
                : $"is signed by no trusted key, only by {string.Join(", ", seal.Signatures.Select(signature => signature.Key))}");
        }
    }

    private void CheckApprovals(string path, BundleSeal seal, Faults faults)
    {
        var trusted = seal.Approvals.Where(approval => Keys.Has(approval.Key)).ToList();
        var broken = trusted
            .Where(a => !Keys.Verify(a.Key, SealStatement.OfApproval(seal, a.By, a.Comment, a.At), a.Signature)).ToList();
        faults.AddRange(broken.Select(approval => new Fault(path, $"the approval by key {approval.Key} does not fit: the seal was altered")));
        var valid = trusted.Except(broken).Select(approval => approval.Key).Distinct().Count();
        if (valid < Approvals)
        {
            faults.Add(path, $"holds approvals by {valid} trusted keys; {Approvals} are required");
        }
    }
}
