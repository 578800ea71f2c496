using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Tests.Core.Catalogue;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Inference.Ensembles;

public sealed class ModelBundleTests
{
    private BundleFolder _bundle = null!;

    [SetUp]
    public void Copy() => _bundle = new BundleFolder();

    [TearDown]
    public void Delete() => _bundle.Dispose();

    [Test]
    public void Read_CommittedBundle_IsRight()
    {
        var faults = new Faults();
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, faults);
        Assert.That(faults, Is.Empty);
        Assert.That(bundle!.Hash,
            Is.EqualTo(BundleFolder.HashOf(File.ReadAllBytes(Path.Combine(BundleFolder.Committed, ModelManifest.FileName)))));
        Assert.That(bundle.FeatureIndexes.Select(i => TestCatalogues.Served.Features[i].Name), Is.EqualTo(bundle.Manifest.Features));
        Assert.That(bundle.Thresholds.Default.AreValid);
        Assert.That(Directory.GetFiles(BundleFolder.Committed).Select(Path.GetFileName),
            Is.EquivalentTo(bundle.Manifest.Files.Keys.Append(ModelManifest.FileName)));
        Assert.That(bundle.Manifest.Files[ModelManifest.CatalogueFileName], Is.EqualTo(bundle.Manifest.CatalogueHash));
        Assert.That(bundle.Manifest.ToBytes(), Is.EqualTo(File.ReadAllBytes(Path.Combine(BundleFolder.Committed, ModelManifest.FileName))));
        Assert.That(Directory.GetFiles(BundleFolder.Committed).Sum(file => new FileInfo(file).Length), Is.LessThan(5_000_000));
    }

    [Test]
    public void Read_NotForADevice_KeepsNoGraphForOne()
    {
        Assert.That(ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!.CudaGraph, Is.Not.Null);
        Assert.That(ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new(), forDevice: false)!.CudaGraph, Is.Null);
        var onCpu = new ModelLibrary(TestCatalogues.Served, SealRequirements.None)
            .LoadRegistry(RepositoryFiles.Path("models"), LoadedModels.Empty, new())!;
        Assert.That(onCpu.Champion!.Ensemble.Bundle.CudaGraph, Is.Null);
        onCpu.Champion.Return();
    }

    [TestCase("model.onnx")]
    [TestCase("MODEL_CARD.md")]
    [TestCase("features.json")]
    [TestCase("model.cuda.onnx")]
    public void Read_AlteredFile_IsRefusedWithBothHashes(string name)
    {
        var bytes = File.ReadAllBytes(_bundle.Path(name));
        var right = BundleFolder.HashOf(bytes);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_bundle.Path(name), bytes);
        Assert.That(_bundle.Faults().Single(), Does.StartWith(_bundle.Path(name)).And.Contain("was altered").And.Contain(right)
            .And.Contain(BundleFolder.HashOf(bytes)));
    }

    [Test]
    public void Read_OtherCatalogue_IsRefusedWithBothHashes()
    {
        var other = JsonNode.Parse(TestCatalogues.ServedJson)!;
        other["features"]![0]!["text"] = "Another text";
        var catalogue = TestCatalogues.Compile(BundleFolder.Utf8(other.ToJsonString()));
        var faults = new Faults();
        Assert.That(ModelBundle.Load(_bundle.Folder, catalogue, faults), Is.Null);
        Assert.That(faults.Single().Message, Does.Contain(catalogue.Hash).And.Contain(TestCatalogues.Served.Hash));
    }

    [Test]
    public void Read_FeaturesTheCatalogueDoesNotHave_AreNamed()
    {
        _bundle.ChangeManifest(m => (m["features"]![0], m["features"]![5]) = ("no_such", "nor_this"));
        Assert.That(_bundle.Faults().Single(), Does.Contain("uses features that are not in the catalogue: no_such, nor_this; restore"));
    }

    [TestCase(0.5, 0.4, 0.9)]
    [TestCase(0.1, 0.4, 1.1)]
    [TestCase(-0.1, 0.4, 0.9)]
    public void Read_BadThresholds_AreRefused(double review, double challenge, double decline)
    {
        _bundle.ChangeManifest(m =>
            (m["thresholds"]!["review"], m["thresholds"]!["challenge"], m["thresholds"]!["decline"]) = (review, challenge, decline));
        Assert.That(_bundle.Faults().Single(), Does.Contain("thresholds: must ascend"));
    }

    [Test]
    public void Read_FileMissing_IsNamed()
    {
        File.Delete(_bundle.Path(ModelManifest.GraphFileName));
        Assert.That(_bundle.Faults().Single(), Does.StartWith(_bundle.Path(ModelManifest.GraphFileName)));
        File.Delete(_bundle.Path(ModelManifest.FileName));
        Assert.That(_bundle.Faults().Single(), Does.StartWith(_bundle.Path(ModelManifest.FileName)).And.Contain("does not exist"));
    }

    [Test]
    public void Read_MoreMembersThanBuffersHold_IsRefusedWithNumberAndLimit()
    {
        Name(33);
        Assert.That(_bundle.Faults().Single(), Does.EndWith("names 33 members; at most 32 are supported"));
        Name(32);
        Assert.That(_bundle.Faults(), Is.Empty);

        void Name(int members) => _bundle.ChangeManifest(m =>
            m["members"] = new JsonArray([.. Enumerable.Range(1, members).Select(i => (JsonNode)$"member-{i}")]));
    }

    [TestCase("model", "../payments")]
    [TestCase("model", "")]
    [TestCase("version", "-1")]
    public void Read_InvalidName_IsRefusedWithTheRule(string field, string name)
    {
        _bundle.ChangeManifest(m => m[field] = name);
        Assert.That(_bundle.Faults().Single(), Does.EndWith($"manifest.json {field}: {ModelId.NameRule}"));
    }

    [Test]
    public void Read_GraphNotNamed_IsRefused()
    {
        _bundle.ChangeManifest(m => m["files"]!.AsObject().Remove(ModelManifest.GraphFileName));
        Assert.That(_bundle.Faults().Single(), Does.Contain("does not name model.onnx"));
    }

    /// <summary>The file exists and its hash is correct. Only its location is invalid.</summary>
    [TestCase("../outside.bin")]
    [TestCase("sub/inside.bin")]
    [TestCase("./beside.bin")]
    [TestCase("ABSOLUTE")]
    public void Read_FileOutsideTheFolder_IsRefused(string name)
    {
        var path = name == "ABSOLUTE" ? Path.Combine(_bundle.Models, "absolute.bin") : Path.Combine(_bundle.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [1, 2, 3]);
        _bundle.ChangeManifest(m => m["files"]![name == "ABSOLUTE" ? path : name] = BundleFolder.HashOf([1, 2, 3]));
        Assert.That(_bundle.Faults().Single(), Does.Contain("is not a file of the bundle's folder"));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("a\0b")]
    public void Read_NameThatIsNoFile_IsRefused(string name)
    {
        _bundle.ChangeManifest(m => m["files"]![name] = new string('0', 64));
        Assert.That(_bundle.Faults().Single(), Does.Contain("is not a file of the bundle's folder"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("{\"format\": \"one\"}")]
    public void Read_NoManifest_SaysSo(string text)
    {
        File.WriteAllText(_bundle.Path(ModelManifest.FileName), text);
        Assert.That(_bundle.Faults().Single(), Does.Contain("is not a manifest"));
    }

    [Test]
    public void Read_MemberMissingNullOrUnknown_SaysSo()
    {
        var names = JsonNode.Parse(File.ReadAllBytes(_bundle.Path(ModelManifest.FileName)))!.AsObject().Select(p => p.Key).ToArray();
        foreach (var name in names)
        {
            using var missing = new BundleFolder();
            missing.ChangeManifest(m => m.AsObject().Remove(name));
            Assert.That(missing.Faults().Single(), Does.Contain("is not a manifest").And.Contain(name), "missing " + name);
            using var nothing = new BundleFolder();
            nothing.ChangeManifest(m => m[name] = null);
            Assert.That(nothing.Faults().Single(), Does.Contain("is not a manifest"), "null " + name);
        }
        _bundle.ChangeManifest(m => m["colour"] = "red");
        Assert.That(_bundle.Faults().Single(), Does.Contain("colour"));
    }

    [Test]
    public void Read_NothingInLists_IsAFault()
    {
        _bundle.ChangeManifest(m => m["features"]![3] = null);
        _bundle.ChangeManifest(m => m["members"]![0] = null);
        _bundle.ChangeManifest(m => m["files"]!["MODEL_CARD.md"] = null);
        _bundle.ChangeManifest(m => m["thresholds"]!["segments"]![0] = null);
        _bundle.ChangeManifest(m => m["operating"]![0] = null);
        _bundle.ChangeManifest(m => m["lineage"]!["parts"]![0] = null);
        _bundle.ChangeManifest(m => m["parameters"]!["trees"] = null);
        _bundle.ChangeManifest(m => m["folds"]![0] = null);
        _bundle.ChangeManifest(m => m["members_considered"]![0]!["members"]![0] = null);
        _bundle.ChangeManifest(m => m["member_results"]![0] = null);
        string[] expected =
        [
            "features", "members", "files", "thresholds.segments", "operating", "lineage.parts", "parameters", "folds",
            "members_considered",
            "member_results",
        ];
        Assert.That(_bundle.Faults(), Is.EqualTo(expected.Select(name =>
            $"{_bundle.Path(ModelManifest.FileName)}: is not a manifest: {name} must not be null or contain null")));
    }

    [TestCase(1, "train the bundle again")]
    [TestCase(2, "train the bundle again")]
    [TestCase(3, "train the bundle again")]
    [TestCase(5, "the newer release")]
    public void Read_OtherFormat_SaysSoAndWhatToDo(int format, string expected)
    {
        File.WriteAllText(_bundle.Path(ModelManifest.FileName), $$"""{"format": {{format}}, "model": "payments", "training": {} }""");
        Assert.That(_bundle.Faults().Single(), Does.Contain($"has format {format}, but this release reads format 4").And.Contain(expected));
    }

    [Test]
    public void Read_ManyFaults_NamesAll()
    {
        File.AppendAllText(_bundle.Path("MODEL_CARD.md"), "x");
        File.Delete(_bundle.Path(ModelManifest.GraphFileName));
        _bundle.ChangeManifest(m =>
        {
            (m["format"], m["catalogue_hash"], m["thresholds"]!["review"]) = (5, "0", 2);
            (m["members"]![0], m["features"]![0]) = ("linear", "no_such");
        });
        string[] expected = ["has format 5", "was trained with feature catalogue 0", "each member once", "must ascend", "was altered",
            "is not a file", "no_such"];
        var faults = _bundle.Faults();
        Assert.That(faults, Has.Count.EqualTo(expected.Length));
        Assert.That(expected.All(text => faults.Exists(f => f.Contains(text, StringComparison.Ordinal))), string.Join('\n', faults));
    }

    [Test]
    public void Read_MutatedManifest_NeverThrows()
    {
        var manifest = File.ReadAllBytes(_bundle.Path(ModelManifest.FileName));
        for (var seed = 0; seed < 1_500; seed++)
        {
            File.WriteAllBytes(_bundle.Path(ModelManifest.FileName), JsonMutation.Mutate(new Random(seed), manifest));
            Assert.That(_bundle.Faults, Throws.Nothing, $"seed {seed}");
        }
    }
}
