using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Tests.Core.Catalogue;
using FraudScoring.Tests.Training.Sealing;

namespace FraudScoring.Tests.Inference.Sealing;

public sealed class SealRequirementsTests
{
    private SealedFolder _bundle = null!;

    [SetUp]
    public void Copy() => _bundle = new SealedFolder();

    [TearDown]
    public void Delete() => _bundle.Dispose();

    [Test]
    public void Check_NoSeal_IsRefusedWhereAnythingIsRequired()
    {
        var key = _bundle.Key("release");
        Assert.That(_bundle.Faults(signature: false, trusted: key), Is.Empty);
        Assert.That(_bundle.Faults(trusted: key).Single(),
            Does.StartWith(_bundle.InBundle("seal.json")).And.Contain("must be sealed here"));
        Assert.That(_bundle.Faults(signature: false, approvals: 1, trusted: key), Has.Count.EqualTo(1));
    }

    [Test]
    public void Check_CollectorHoldsFaults_StillRefusesABundleWithoutASeal()
    {
        Faults faults = [new Fault("other", "is wrong")];
        (SealRequirements.None with { Signature = true }).Check(_bundle.Folder, _bundle.Hash, faults);
        Assert.That(faults, Has.Count.EqualTo(2));
        Assert.That(SealedBundle.Load(_bundle.Folder, SealRequirements.None, faults), Is.Not.Null, "it is intact, and no seal is required");
        Assert.That(faults, Has.Count.EqualTo(2));
    }

    [Test]
    public void Check_SignedByATrustedKey_IsRight()
    {
        var (ours, theirs) = (_bundle.Key("ours"), _bundle.Key("theirs"));
        _bundle.Seal(theirs);
        Assert.That(_bundle.Faults(trusted: ours).Single(), Does.Contain("is signed by no trusted key"));
        Assert.That(_bundle.Faults(signature: false, trusted: ours), Is.Empty);
        _bundle.Seal(ours);
        Assert.That(_bundle.Faults(trusted: ours), Is.Empty);
        Assert.That(_bundle.Faults(trusted: theirs), Is.Empty, "a seal may hold several signatures");
    }

    [Test]
    public void Check_SealOfAnotherManifest_IsRefused()
    {
        var key = _bundle.Key("release");
        _bundle.Seal(key);
        var sealedHash = _bundle.Hash;
        _bundle.ChangeManifest(m => m["metrics"]!["auc_roc"] = 1);
        Assert.That(_bundle.Faults(signature: false).Single(),
            Does.Contain("belongs to another manifest, " + sealedHash).And.Contain(_bundle.Hash));
        // An attacker who forges the hash as well has no key to sign it.
        _bundle.ChangeSeal(s => s["manifest"] = _bundle.Hash);
        Assert.That(_bundle.Faults(trusted: key),
            Has.Some.Contain("does not verify: the seal was altered").And.Some.Contain("is signed by no trusted key"));
    }

    [Test]
    public void Check_AnyLineOfTheSealAltered_IsRefused()
    {
        var (key, gates) = (_bundle.Key("release"), _bundle.Gates(passed: true, waived: "stability"));
        _bundle.Seal(key, gates);
        _bundle.Approve(key, "Grace");
        var right = File.ReadAllText(_bundle.InBundle(BundleSeal.FileName));
        Assert.That(_bundle.Faults(gates: true, approvals: 1, trusted: key), Is.Empty);
        foreach (var (from, to) in new[]
        {
            ("\"by\": \"Grace\"", "\"by\": \"Grac3\""), ("seen and fine", "seen and fine!"),
            ("\"by\": \"Ada\"", "\"by\": \"Eve\""), ("known and small", "unknown"),
            ("\"passed\": true", "\"passed\": false"), ("08:00:00Z", "08:00:01Z"), ("\"gate\": \"stability\"", "\"gate\": \"fairness\""),
        })
        {
            Assert.That(right, Does.Contain(from));
            File.WriteAllText(_bundle.InBundle(BundleSeal.FileName), right.Replace(from, to, StringComparison.Ordinal));
            Assert.That(_bundle.Faults(gates: true, approvals: 1, trusted: key),
                Has.Some.Contain("does not verify: the seal was altered"), to);
        }
        File.WriteAllText(_bundle.InBundle(BundleSeal.FileName), right);
        File.AppendAllText(_bundle.InBundle(BundleSeal.GatesFileName), " ");
        Assert.That(_bundle.Faults(signature: false).Single(), Does.StartWith(_bundle.InBundle("gates.json")).And.Contain("was altered"));
        File.Delete(_bundle.InBundle(BundleSeal.GatesFileName));
        Assert.That(_bundle.Faults(signature: false).Single(), Does.Contain("the bundle was sealed with it"));
    }

    [Test]
    public void Check_Approvals_CountOncePerTrustedKey()
    {
        var (ours, other, stranger) = (_bundle.Key("ours"), _bundle.Key("other"), _bundle.Key("stranger"));
        _bundle.Seal(ours);
        _bundle.Approve(ours, "Ada");
        _bundle.Approve(ours, "Grace");
        _bundle.Approve(stranger, "Eve");
        Assert.That(_bundle.Faults(approvals: 1, trusted: [ours, other]), Is.Empty);
        Assert.That(_bundle.Faults(approvals: 2, trusted: [ours, other]).Single(),
            Does.Contain("has 1 of 2 required approvals by trusted keys"));
        _bundle.Approve(other, "Grace");
        Assert.That(_bundle.Faults(approvals: 2, trusted: [ours, other]), Is.Empty);
    }

    [Test]
    public void Check_ManyFaults_NamesAll()
    {
        var (ours, theirs) = (_bundle.Key("ours"), _bundle.Key("theirs"));
        _bundle.Seal(theirs);
        File.AppendAllText(_bundle.InBundle("model.onnx"), "x");
        _bundle.ChangeManifest(m => m["catalogue_hash"] = "0");
        string[] expected = ["was trained with feature catalogue 0", "was altered",
            "belongs to another manifest", "holds no gate report", "no trusted key", "required approvals"];
        var faults = _bundle.Faults(gates: true, approvals: 1, trusted: ours);
        Assert.That(faults, Has.Count.EqualTo(expected.Length));
        Assert.That(expected.All(text => faults.Exists(fault => fault.Contains(text, StringComparison.Ordinal))),
            string.Join('\n', faults));
    }

    [Test]
    public void Check_MutatedSeal_NeverThrowsAndNeverPassesWithAnotherMeaning()
    {
        var key = _bundle.Key("release");
        _bundle.Seal(key, _bundle.Gates());
        var path = _bundle.InBundle(BundleSeal.FileName);
        var right = File.ReadAllBytes(path);
        var wrong = new Faults();
        var requirements = new SealRequirements(TrustedKeys.Load([SealedFolder.PublicOf(key)], wrong), true, true, 0);
        var meant = BundleSeal.Load(path, wrong)!.ToBytes();
        for (var seed = 0; seed < 2_000; seed++)
        {
            File.WriteAllBytes(path, JsonMutation.Mutate(new Random(seed), right));
            var faults = new Faults();
            requirements.Check(_bundle.Folder, _bundle.Hash, faults);
            // A seal that passes may contain additional untrusted signatures or approvals, but must name the same bundle and gates.
            if (faults.Count == 0)
            {
                var seal = BundleSeal.Load(path, wrong)!;
                var expected = System.Text.Json.JsonSerializer.Deserialize<BundleSeal>(meant, ModelManifest.Json)!;
                Assert.That((seal with { Signatures = [], Approvals = [] }).ToBytes(),
                    Is.EqualTo((expected with { Signatures = [], Approvals = [] }).ToBytes()), $"seed {seed}");
            }
        }
    }
}
