using System.Text.Json;
using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Export;

namespace FraudScoring.Tests.Training.Export;

public sealed class ModelCardTests
{
    private static readonly ModelManifest Manifest = JsonSerializer.Deserialize<ModelManifest>(
        File.ReadAllBytes(Path.Combine(BundleFolder.Committed, ModelManifest.FileName)), ModelManifest.Json)!;

    [Test]
    public void Write_CommittedManifest_GivesTheCommittedCard() => Assert.That(ModelCard.Write(Manifest, "EUR"),
        Is.EqualTo(File.ReadAllText(Path.Combine(BundleFolder.Committed, ModelManifest.CardFileName))));

    [Test]
    public void Manifest_Committed_IsOfTheCommittedPolicyAndCosts()
    {
        Assert.That(Manifest.PolicyHash, Is.EqualTo(BundleFolder.HashOf(RepositoryFiles.Bytes("models", "policy.json"))));
        var costs = CostsReader.Parse(RepositoryFiles.Bytes("models", "costs.json"), new());
        Assert.That(JsonSerializer.Serialize(Manifest.Costs, ModelManifest.Json),
            Is.EqualTo(JsonSerializer.Serialize(costs, ModelManifest.Json)));
    }

    [Test]
    public void Manifest_Committed_CostsLessThanByRatesAndThanNothing()
    {
        var all = Manifest.Operating[0];
        Assert.That(all.Segment, Is.EqualTo(OperatingRow.All));
        Assert.That(all.CostPerThousand, Is.LessThan(all.CostPerThousandByRates).And.LessThan(all.CostPerThousandApproved));
        Assert.That(Manifest.Operating.Skip(1).Sum(row => row.Payments), Is.EqualTo(all.Payments));
        Assert.That(Manifest.Lineage.Parts.Single(part => part.Name == "test").Payments, Is.EqualTo(all.Payments));
    }
}
