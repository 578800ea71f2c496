using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Server.Deployments;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;

namespace FraudScoring.Tests.Server.Deployments;

public sealed class ModelsFolderTests
{
    private static readonly Fault Earlier = new("Redis:Configuration", "cannot be connected to");

    [Test]
    public void Load_CollectorHoldsAFault_StillLoads()
    {
        Faults faults = [Earlier];
        var models = ModelsFolder.Load(RepositoryFiles.Path("models"), SealRequirements.None, EnsembleSettings.Cpu, faults);
        Assert.That(models?.Loaded.Champion, Is.Not.Null);
        models!.Loaded.Champion!.Return();
        Assert.That(faults, Is.EqualTo(new[] { Earlier }));
    }

    [Test]
    public void Load_CollectorHoldsAFault_StillNamesItsOwn()
    {
        Faults faults = [Earlier];
        Assert.That(ModelsFolder.Load("/no/such", SealRequirements.None, EnsembleSettings.Cpu, faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[] { Earlier.Field, "Scoring:ModelsFolder" }));
    }

    [TestCase("features.json", "{}")]
    [TestCase("policy.json", "[]")]
    [TestCase("policy.json", """{"thresholds": null, "without_model": "perhaps"}""")]
    [TestCase("rates.json", """{"reference_currency": "USD", "rates": {}}""")]
    [TestCase("rates.json", null)]
    [TestCase("features.json", null)]
    [TestCase("policy.json", null)]
    public void Load_FileThatIsWrongOrMissing_NamesTheFileAndNothingElse(string file, string? content)
    {
        using var folder = new BundleFolder();
        Array.ForEach(["features.json", "rates.json", "policy.json", "registry.json"], name =>
            File.Copy(RepositoryFiles.Path("models", name), Path.Combine(folder.Models, name)));
        File.Delete(Path.Combine(folder.Models, file));
        if (content is not null)
        {
            File.WriteAllText(Path.Combine(folder.Models, file), content);
        }
        var faults = new Faults();
        Assert.That(ModelsFolder.Load(folder.Models, SealRequirements.None, EnsembleSettings.Cpu, faults), Is.Null);
        Assert.That(faults, Is.Not.Empty);
        Assert.That(faults.Select(fault => fault.Field), Is.All.Contains(file));
    }

    [TestCase("models")]
    [TestCase("models/")]
    public void Name_WithOrWithoutASeparator_IsTheFoldersOwn(string path) =>
        Assert.That(new ModelsFolder(path, TestCatalogues.Served, null!, null!, null!, LoadedModels.Empty).Name, Is.EqualTo("models"));

    [Test]
    public void CheckAfter_FeatureOfTheSameNameThatMeansSomethingElse_IsAFaultUnderTheFoldersName()
    {
        ModelsFolder Folder(string window) => new("x/next", TestCatalogues.Create("""{"name": "card", "fields": ["card"]}""",
            TestCatalogues.Card("count", window).Replace($"count_{window}", "count", StringComparison.Ordinal)), null!, null!, null!,
                LoadedModels.Empty);
        var faults = new Faults();
        Folder("1h").CheckAfter(Folder("1h"), faults);
        Assert.That(faults, Is.Empty);
        Folder("24h").CheckAfter(Folder("1h"), faults);
        Assert.That(faults.Single().ToString(), Does.StartWith("next").And.Contain("count"));
    }
}
