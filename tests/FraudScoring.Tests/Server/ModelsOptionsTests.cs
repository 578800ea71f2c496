using FraudScoring.Core.Payments;
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
        var faults = new List<Fault>();
        var seals = new ModelsOptions().Seals(faults);
        Assert.That(faults, Is.Empty);
        Assert.That((seals.Keys.Count, seals.Signature, seals.Gates, seals.Approvals), Is.EqualTo((0, false, false, 0)));
    }

    [Test]
    public void Seals_RequirementsWithoutKeysAndSignature_AreFaults()
    {
        var faults = new List<Fault>();
        new ModelsOptions { RequireGates = true, RequiredApprovals = 1 }.Seals(faults);
        new ModelsOptions { TrustedKeys = "/no/such.pem, /nor/this.pem" }.Seals(faults);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[]
        {
            "Models:TrustedKeys", "Models:RequireGates", "Models:TrustedKeys /no/such.pem", "Models:TrustedKeys /nor/this.pem",
        }));
    }

    [Test]
    public void Read_UnsignedModelWhereSigningIsRequired_StopsTheStartWithAllFaults()
    {
        using var bundle = new SealedFolder();
        var key = bundle.Key("release");
        var error = Assert.Throws<StartFaultsException>(() => Read(bundle, SealedFolder.PublicOf(key), approvals: "1"));
        Assert.That(error!.Message,
            Does.Contain("2 fault(s)").And.Contain("seal.json: does not exist, but bundles must be sealed here").And.Contain("Listen:GrpcPort"));
        bundle.Seal(key, bundle.Gates());
        error = Assert.Throws<StartFaultsException>(() => Read(bundle, SealedFolder.PublicOf(key), approvals: "1"));
        Assert.That(error!.Message, Does.Contain("holds approvals by 0 trusted keys; 1 are required"));
        bundle.Approve(key, "Ada");
        error = Assert.Throws<StartFaultsException>(() => Read(bundle, SealedFolder.PublicOf(key), approvals: "1"));
        Assert.That(error!.Message, Does.Contain("1 fault(s)").And.Contain("Listen:GrpcPort"));
    }

    /// <summary>Reads a configuration that has one fault of another kind, so that no model is kept.</summary>
    private static void Read(SealedFolder bundle, string key, string approvals)
    {
        foreach (var file in new[] { "features.json", "policy.json", "registry.json" })
        {
            File.Copy(RepositoryFiles.Path("models", file), bundle.Beside(file), overwrite: true);
        }
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Scoring:ModelsFolder"] = Path.GetDirectoryName(bundle.Beside("registry.json")),
            ["Models:TrustedKeys"] = key,
            ["Models:RequireSignature"] = "true",
            ["Models:RequireGates"] = "true",
            ["Models:RequiredApprovals"] = approvals,
            ["Listen:GrpcPort"] = "70000",
        }).Build();
        ServerConfiguration.Read(configuration);
    }
}
