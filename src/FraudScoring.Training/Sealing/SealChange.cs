using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Sealing;

/// <summary>Adds to a bundle's seal. The bundle must be whole; the seal is written anew, all of it or nothing.</summary>
internal sealed class SealChange
{
    private const int MostCharacters = 500;
    private readonly string _folder;
    private readonly ModelBundle _bundle;
    private readonly BundleSeal? _seal;
    private readonly string _now;

    private SealChange(string folder, ModelBundle bundle, BundleSeal? seal, string now) => (_folder, _bundle, _seal, _now) = (folder, bundle, seal, now);

    /// <summary>Reads a bundle and its seal.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="time">When it is.</param>
    /// <param name="newGates">
    /// Another report takes the place of the one beside the seal, which may be anything: an earlier seal may have been cut short between the two.
    /// </param>
    /// <exception cref="InvalidDataException">Either is not right; all faults are named.</exception>
    public static SealChange Create(string folder, TimeProvider time, bool newGates = false)
    {
        var faults = new Faults();
        var bundle = SealedBundle.Load(folder, SealRequirements.None with { HeldGates = !newGates }, faults);
        // The seal is read a second time, so its faults may be there twice.
        var seal = BundleSeal.Load(Path.Combine(folder, BundleSeal.FileName), faults);
        return bundle is null || faults.Count > 0
            ? throw new InvalidDataException(string.Join(Environment.NewLine, faults.Distinct()))
            : new SealChange(folder, bundle, seal, time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Signs the bundle together with its gates. With another report than before, earlier signatures and approvals fall away: they were
    /// of something else.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="gates">The report of the gates; null leaves the one that is there, if any.</param>
    public BundleSeal Sign(SigningKey key, string? gates)
    {
        var report = gates is null ? null : File.ReadAllBytes(gates);
        var findings = report is null ? HeldGates() : GateFindings.Parse(gates!, report, _bundle);
        var same = _seal is not null && _seal.Gates?.Sha256 == findings?.Sha256;
        var seal = (same ? _seal! : BundleSeal.Create(_bundle.Hash)) with { Gates = findings };
        var signature = new SealSignature(key.Id, _now, key.Sign(SealStatement.OfSignature(seal, _now)));
        seal = seal with { Signatures = [.. seal.Signatures.Where(s => s.Key != key.Id), signature] };
        if (report is not null)
        {
            Write(BundleSeal.GatesFileName, report);
        }
        Write(BundleSeal.FileName, seal.ToBytes());
        return seal;
    }

    /// <summary>Approves the bundle and its gates. Approving again with the same key replaces what was said.</summary>
    /// <param name="key">The approver's key.</param>
    /// <param name="by">Who approves.</param>
    /// <param name="comment">What they say.</param>
    /// <exception cref="InvalidDataException">The bundle is not sealed yet.</exception>
    /// <exception cref="ArgumentException">Name or comment cannot be used.</exception>
    public BundleSeal Approve(SigningKey key, string by, string comment)
    {
        var faults = new Faults();
        if (string.IsNullOrWhiteSpace(by) || by.Length > MostCharacters || !PlainText.Is(by))
        {
            faults.Add("--name", $"must be 1 to {MostCharacters} characters on one line");
        }
        if (comment.Length > MostCharacters || !PlainText.Is(comment))
        {
            faults.Add("--comment", $"must be at most {MostCharacters} characters on one line");
        }
        faults.ThrowIfAny();
        if (_seal is null)
        {
            throw new InvalidDataException($"{_folder}: is not sealed yet; what is approved is a sealed bundle with its gates (seal --bundle)");
        }
        HeldGates();
        var approval = new SealApproval(by, comment, key.Id, _now, key.Sign(SealStatement.OfApproval(_seal, by, comment, _now)));
        var seal = _seal with { Approvals = [.. _seal.Approvals.Where(a => a.Key != key.Id), approval] };
        Write(BundleSeal.FileName, seal.ToBytes());
        return seal;
    }

    /// <summary>
    /// The gates in the seal, read anew from the report beside it: what a seal says of its gates may have been written by anybody, and is
    /// not signed by others on its word.
    /// </summary>
    private SealedGates? HeldGates()
    {
        if (_seal?.Gates is not { } held)
        {
            return null;
        }
        var path = Path.Combine(_folder, BundleSeal.GatesFileName);
        var read = GateFindings.Parse(path, File.ReadAllBytes(path), _bundle);
        return read.Sha256 == held.Sha256 && read.Passed == held.Passed && read.Waivers.SequenceEqual(held.Waivers)
            ? held
            : throw new InvalidDataException($"{path}: does not say what the seal says of it; seal the bundle again with --gates");
    }

    private void Write(string name, byte[] bytes)
    {
        using var file = new PartialFile(Path.Combine(_folder, name));
        file.Stream.Write(bytes);
        file.Complete();
    }
}
