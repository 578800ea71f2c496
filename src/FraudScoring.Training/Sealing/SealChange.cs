using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Sealing;

/// <summary>Adds signatures and approvals to a bundle's seal. The bundle must be intact; the seal is replaced atomically.</summary>
internal sealed class SealChange
{
    private const int MostCharacters = 500;
    private readonly string _folder;
    private readonly ModelBundle _bundle;
    private readonly BundleSeal? _seal;
    private readonly string _now;

    private SealChange(string folder, ModelBundle bundle, BundleSeal? seal, string now) =>
        (_folder, _bundle, _seal, _now) = (folder, bundle, seal, now);

    /// <summary>Reads a bundle and its seal, if it has one.</summary>
    /// <param name="folder">The bundle folder.</param>
    /// <param name="time">The clock, for the time of the statement.</param>
    /// <param name="newGates">
    /// True if a new gate report replaces the one next to the seal. That one is then not checked: it does not match the seal if an earlier
    /// command was stopped after it wrote the report and before it wrote the seal.
    /// </param>
    /// <exception cref="InvalidDataException">Bundle or seal are invalid; the message holds all faults.</exception>
    public static SealChange Create(string folder, TimeProvider time, bool newGates = false)
    {
        var faults = new Faults();
        var bundle = SealedBundle.Load(folder, SealRequirements.None with { HeldGates = !newGates }, faults);
        // Loading the bundle reads the seal too, so a fault of the seal may be reported twice.
        var seal = BundleSeal.Load(Path.Combine(folder, BundleSeal.FileName), faults);
        return bundle is null || faults.Count > 0
            ? throw new InvalidDataException(string.Join(Environment.NewLine, faults.Distinct()))
            : new SealChange(folder, bundle, seal, time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Signs the bundle together with its gate report. If the report changes, earlier signatures and approvals are dropped, because they
    /// cover the old one.
    /// </summary>
    /// <param name="key">The signing key.</param>
    /// <param name="gates">Path of the gate report; null keeps the current one, if any.</param>
    public BundleSeal Sign(SigningKey key, string? gates)
    {
        var report = gates is null ? null : File.ReadAllBytes(gates);
        var findings = report is null ? CurrentGates() : GateFindings.Parse(gates!, report, _bundle);
        var same = _seal is not null && _seal.Gates?.Sha256 == findings?.Sha256;
        var seal = (same ? _seal! : BundleSeal.Create(_bundle.Hash)) with { Gates = findings };
        var signature = new SealSignature(key.Id, _now, key.Sign(SealStatement.OfSignature(seal, _now)));
        seal = seal with { Signatures = [.. seal.Signatures.Where(s => s.Key != key.Id), signature] };
        if (report is not null)
        {
            // Before the seal: a seal must never name a report that is not there.
            Write(BundleSeal.GatesFileName, report);
        }
        Write(BundleSeal.FileName, seal.ToBytes());
        return seal;
    }

    /// <summary>Approves the bundle and its gate report. A second approval with the same key replaces the first.</summary>
    /// <param name="key">The approver's key.</param>
    /// <param name="by">Name of the approver.</param>
    /// <param name="comment">Comment of the approver.</param>
    /// <exception cref="InvalidDataException">The bundle is not sealed yet, or its gate report contradicts the seal.</exception>
    /// <exception cref="ArgumentException">Name or comment are invalid.</exception>
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
            throw new InvalidDataException($"{_folder}: is not sealed yet; seal it first, because an approval covers the seal");
        }
        CurrentGates();
        var approval = new SealApproval(by, comment, key.Id, _now, key.Sign(SealStatement.OfApproval(_seal, by, comment, _now)));
        var seal = _seal with { Approvals = [.. _seal.Approvals.Where(a => a.Key != key.Id), approval] };
        Write(BundleSeal.FileName, seal.ToBytes());
        return seal;
    }

    /// <summary>
    /// The gates in the seal, checked against the report next to it. Without this check, the next signature or approval would vouch for
    /// whatever someone has edited into the seal.
    /// </summary>
    private SealedGates? CurrentGates()
    {
        if (_seal?.Gates is not { } held)
        {
            return null;
        }
        var path = Path.Combine(_folder, BundleSeal.GatesFileName);
        var read = GateFindings.Parse(path, File.ReadAllBytes(path), _bundle);
        return read.Sha256 == held.Sha256 && read.Passed == held.Passed && read.Waivers.SequenceEqual(held.Waivers)
            ? held
            : throw new InvalidDataException($"{path}: differs from the gates in the seal; seal the bundle again with --gates");
    }

    private void Write(string name, byte[] bytes)
    {
        using var file = new PartialFile(Path.Combine(_folder, name));
        file.Stream.Write(bytes);
        file.Complete();
    }
}
