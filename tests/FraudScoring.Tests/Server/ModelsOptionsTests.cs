using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Hosting;
using FraudScoring.Tests.Training.Sealing;
using Microsoft.Extensions.Configuration;

namespace FraudScoring.Tests.Server;

public sealed class ModelsOptionsTests
{
    [Test]
    public void Seals_NothingSet_RequiresNothing()
    {
        var faults = new Faults();
        var seals = new ModelsOptions().ReadSeals(faults);
        new ModelsOptions().Check(faults);
        Assert.That(faults, Is.Empty);
        Assert.That((seals.Keys.Count, seals.Signature, seals.Gates, seals.Approvals), Is.EqualTo((0, false, false, 0)));
    }

    [Test]
    public void Seals_RequirementsWithoutKeysAndSignature_AreFaults()
    {
        var faults = new Faults();
        new ModelsOptions { RequireGates = true, RequiredApprovals = 1 }.Check(faults);
        new ModelsOptions { TrustedKeys = "/no/such.pem, /nor/this.pem" }.ReadSeals(faults);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[]
        {
            "Models:TrustedKeys", "Models:RequireGates", "Models:TrustedKeys /no/such.pem", "Models:TrustedKeys /nor/this.pem",
        }));
    }

    [Test]
    public void Load_UnsignedModelWhereSigningIsRequired_IsRefusedWithAllFaults()
    {
        using var bundle = new SealedFolder();
        var key = bundle.Key("release");
        Assert.That(
            Load(bundle, SealedFolder.PublicOf(key)), Has.One.Contains("seal.json: does not exist, but bundles must be sealed here"));
        bundle.Seal(key, bundle.Gates());
        Assert.That(Load(bundle, SealedFolder.PublicOf(key)), Has.One.Contains("has 0 of 1 required approvals by trusted keys"));
        bundle.Approve(key, "Ada");
        Assert.That(Load(bundle, SealedFolder.PublicOf(key)), Is.Empty);
    }

    /// <summary>Loads a models folder as the start sequence does.</summary>
    private static List<string> Load(SealedFolder bundle, string key)
    {
        foreach (var file in new[] { "features.json", "rates.json", "policy.json", "registry.json" })
        {
            File.Copy(RepositoryFiles.Path("models", file), bundle.PathOf(file), overwrite: true);
        }
        var options = ServerOptions.Bind(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Scoring:ModelsFolder"] = Path.GetDirectoryName(bundle.PathOf("registry.json")),
            ["Models:TrustedKeys"] = key,
            ["Models:RequireSignature"] = "true",
            ["Models:RequireGates"] = "true",
            ["Models:RequiredApprovals"] = "1",
        }).Build());
        var faults = new Faults();
        var models = ModelsFolder.Load(options.Scoring.ModelsFolder, options.Models.ReadSeals(faults), EnsembleSettings.Cpu, faults);
        models?.Loaded.Champion!.Return();
        return [.. faults.Select(fault => fault.ToString())];
    }
}
