using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;

namespace FraudScoring.Tests.Inference.Rollout;

/// <summary>Loads a registry and a folder of models, at the start and after changes.</summary>
public sealed class ModelLibraryTests
{
    private static readonly ModelLibrary Library = new(TestCatalogues.Served, SealRequirements.None);

    [TestCase("", "cannot be read")]
    [TestCase("{}", "must name a champion")]
    [TestCase("""{"champion": {"model": "", "version": "1"}}""", "must name a champion")]
    [TestCase("""{"champion": {"model": "../payments", "version": "1"}}""", "must name a champion")]
    [TestCase("""{"champion": {"model": "payments", "version": "9"}}""", "does not exist")]
    [TestCase("""{"champion": {"model": "payments"}}""", "must name a champion")]
    [TestCase("""{"champion": {"model": "payments", "version": "1"}, "challengers": 1}""", "cannot be read")]
    [TestCase("""{"champion": {"model": "payments", "version": "1"}, "models": [null]}""", "must be {")]
    [TestCase("""{"champion": {"model": "payments", "version": "1"}, "models": [{"model": "x", "version": "1"}]}""", "does not exist")]
    public void LoadRegistry_BadRegistry_SaysSo(string json, string expected)
    {
        using var bundle = new BundleFolder();
        Write(bundle, json);
        var faults = new Faults();
        Assert.That(Library.LoadRegistry(bundle.Models, LoadedModels.Empty, faults), Is.Null);
        Assert.That(faults.Single().Message, Does.Contain(expected));
    }

    [Test]
    public void LoadRegistry_ManyFaults_AreAllNamed()
    {
        using var bundle = new BundleFolder();
        Write(bundle,
            """
            {"champion": {"model": "payments", "version": "1"},
             "models": [{"model": "a", "version": "1"}, {"model": "payments", "version": "7"}]}
            """);
        var faults = new Faults();
        Assert.That(Library.LoadRegistry(bundle.Models, LoadedModels.Empty, faults), Is.Null);
        Assert.That(faults.ToString(), Does.Contain(Path.Combine("a", "1")).And.Contain(Path.Combine("payments", "7")));
    }

    [Test]
    public void LoadRegistry_NoRegistry_SaysSo()
    {
        using var bundle = new BundleFolder();
        var faults = new Faults();
        Assert.That(Library.LoadRegistry(bundle.Models, LoadedModels.Empty, faults), Is.Null);
        Assert.That(faults.Single().Field, Does.EndWith(ModelRegistry.FileName));
    }

    [Test]
    public void LoadRegistry_CommittedModels_HasAChampionThatScores()
    {
        var faults = new Faults();
        var loaded = Library.LoadRegistry(RepositoryFiles.Path("models"), LoadedModels.Empty, faults);
        Assert.That(faults, Is.Empty);
        var row = new float[TestCatalogues.Served.Features.Count];
        var margins = new float[loaded!.Champion!.Ensemble.Bundle.Manifest.Members.Count];
        Assert.That(loaded.Champion.Ensemble.Run(row, margins).Probability, Is.InRange(0.0, 1.0));
        loaded.Champion.Return();
    }

    [Test]
    public void LoadRegistry_SeveralModels_AreFoundByNameAndVersion()
    {
        using var bundle = new BundleFolder();
        Copy(bundle, "risk", "2");
        Copy(bundle, "risk", "10");
        File.Copy(UserModelFiles.Oracle("served", "mlp.onnx"),
            Path.Combine(Directory.CreateDirectory(Path.Combine(bundle.Models, "mlp", "1")).FullName, "model.onnx"));
        Write(bundle, """
            {"champion": {"model": "payments", "version": "1"},
             "models": [{"model": "risk", "version": "2"}, {"model": "risk", "version": "10"}, {"model": "mlp", "version": "1"}]}
            """);
        var faults = new Faults();
        var loaded = Library.LoadRegistry(bundle.Models, LoadedModels.Empty, faults);
        Assert.That(faults, Is.Empty);
        using var router = new ModelRouter();
        router.Replace(loaded!);
        Assert.That(loaded!.Find("", "")!.Served.Id.Name, Is.EqualTo("payments"));
        Assert.That(loaded.Find("risk", "")!.Served.Id.Version, Is.EqualTo("10"), "numeric versions are compared as numbers");
        Assert.That(loaded.Find("risk", "2")!.Served.Id.Version, Is.EqualTo("2"));
        Assert.That(loaded.Find("mlp", "")!.IsBundle, Is.False);
        Assert.That(loaded.Find("risk", "3"), Is.Null);
        Assert.That(loaded.Find("none", ""), Is.Null);
        Assert.That(loaded.All, Has.Count.EqualTo(4));
    }

    [Test]
    public void LoadRegistry_OneModelMore_KeepsTheOthersAsTheyRun_AndABadOneChangesNothing()
    {
        using var bundle = new BundleFolder();
        Write(bundle, """{"champion": {"model": "payments", "version": "1"}}""");
        using var router = new ModelRouter();
        router.Replace(Library.LoadRegistry(bundle.Models, router.Loaded, new())!);
        var champion = router.Loaded.Champion!;
        Copy(bundle, "risk", "1");
        Write(bundle, """{"champion": {"model": "payments", "version": "1"}, "models": [{"model": "risk", "version": "1"}]}""");
        router.Replace(Library.LoadRegistry(bundle.Models, router.Loaded, new())!);
        Assert.That(router.Loaded.Champion, Is.SameAs(champion));
        var risk = router.Loaded.Find("risk", "")!;

        File.AppendAllText(Path.Combine(bundle.Models, "risk", "1", "model.onnx"), "x");
        var faults = new Faults();
        Assert.That(Library.LoadRegistry(bundle.Models, router.Loaded, faults), Is.Null);
        Assert.That(faults.Single().Message, Does.Contain("was altered"));
        Assert.That(risk.Ensemble.IsDisposed || champion.Ensemble.IsDisposed, Is.False, "loaded models stay loaded");

        Write(bundle, """{"champion": {"model": "payments", "version": "1"}}""");
        router.Replace(Library.LoadRegistry(bundle.Models, router.Loaded, new())!);
        Assert.That(risk.Ensemble.IsDisposed, Is.True);
        Assert.That(champion.Ensemble.IsDisposed, Is.False);
    }

    [Test]
    public void LoadRegistry_ChampionThatIsNoBundle_IsRefused()
    {
        using var bundle = new BundleFolder();
        Directory.CreateDirectory(Path.Combine(bundle.Models, "mlp", "1"));
        File.Copy(UserModelFiles.Oracle("served", "mlp.onnx"), Path.Combine(bundle.Models, "mlp", "1", "model.onnx"));
        Write(bundle, """{"champion": {"model": "mlp", "version": "1"}}""");
        var faults = new Faults();
        Assert.That(Library.LoadRegistry(bundle.Models, LoadedModels.Empty, faults), Is.Null);
        Assert.That(faults.Single().Message, Does.Contain("only a bundle can decide"));
    }

    [Test]
    public void LoadAll_WhereSealsAreRequired_RefusesWhatCannotBeSealed()
    {
        using var folder = new UserModelFiles();
        folder.Put("mlp", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        var strict = new ModelLibrary(TestCatalogues.Served, new SealRequirements(TrustedKeys.None, true, false, 0));
        var faults = new Faults();
        var loaded = strict.LoadAll(folder.Root, LoadedModels.Empty, new Dictionary<string, string>(), faults);
        Assert.That(loaded.All, Is.Empty);
        Assert.That(faults.Single().Message, Does.Contain("RequireSignature"));
    }

    [Test]
    public void LoadAll_BadModelsAmongGoodOnes_AreLeftOutOnceAndTriedAgainWhenTheyChange()
    {
        using var folder = new UserModelFiles();
        using var router = new ModelRouter();
        var refused = new Dictionary<string, string>();
        folder.Put("good", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        var bad = folder.Put("bad", "1", UserModelFiles.Oracle("served", "cases.json"));
        List<string> Look()
        {
            var faults = new Faults();
            router.Replace(Library.LoadAll(folder.Root, router.Loaded, refused, faults));
            return [.. faults.Select(fault => fault.ToString())];
        }
        Assert.That(Look().Single(), Does.Contain("is not an ONNX model"));
        var good = router.Loaded.All.Single();
        Assert.That(Look(), Is.Empty, "a refused model is not tried again");
        Assert.That(router.Loaded.All.Single(), Is.SameAs(good));

        File.Copy(UserModelFiles.Oracle("served", "rank3-dynamic.onnx"), Path.Combine(bad, "model.onnx"), overwrite: true);
        Assert.That(Look(), Is.Empty);
        Assert.That(router.Loaded.All.Select(model => model.Served.Id.Name), Is.EquivalentTo(new[] { "good", "bad" }));

        File.WriteAllText(Path.Combine(folder.Folder("good", "1"), "model.onnx"), "corrupt");
        Assert.That(Look(), Has.Count.EqualTo(1));
        Assert.That(router.Loaded.Find("good", "1"), Is.SameAs(good), "the running model stays if its new copy is bad");

        Directory.Delete(folder.Folder("good", ""), recursive: true);
        Assert.That(Look(), Is.Empty);
        Assert.That(router.Loaded.All.Select(model => model.Served.Id.Name), Is.EqualTo(new[] { "bad" }));
        Assert.That(good.TryLease(), Is.False, "its last lease was returned");
    }

    /// <summary>A copy of the committed bundle under another name.</summary>
    private static void Copy(BundleFolder bundle, string model, string version)
    {
        var target = Directory.CreateDirectory(Path.Combine(bundle.Models, model, version)).FullName;
        foreach (var file in Directory.GetFiles(BundleFolder.Committed))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
        var path = Path.Combine(target, ModelManifest.FileName);
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        (manifest["model"], manifest["version"]) = (model, version);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private static void Write(BundleFolder bundle, string json) =>
        File.WriteAllText(Path.Combine(bundle.Models, ModelRegistry.FileName), json);
}
