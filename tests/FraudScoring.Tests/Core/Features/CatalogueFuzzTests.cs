using FraudScoring.Core.Features;

namespace FraudScoring.Tests.Core.Features;

public sealed class CatalogueFuzzTests
{
    [Test]
    public void Read_MutatedCatalogue_GivesACatalogueThatWorksOrFaultsAndNeverThrows()
    {
        var (taken, refused) = (0, 0);
        for (var seed = 0; seed < 3_000; seed++)
        {
            var json = JsonMutation.Of(new Random(seed), TestCatalogues.ServedJson);
            FeatureCatalogue? catalogue = null;
            Assert.That(() => catalogue = CatalogueReader.Read(json, out var faults) is { } read && faults.Count == 0 ? read
                : Refused(faults), Throws.Nothing, $"seed {seed}");
            if (catalogue is null)
            {
                refused++;
                continue;
            }
            taken++;
            var profiles = catalogue.Entities.Select(plan => new EntityProfile(plan)).ToArray();
            FeatureBuilder.Fill(catalogue, TestPayments.Full("t", EventStreams.StartMs), 1, profiles, new float[catalogue.Features.Count]);
        }
        Assert.That(taken, Is.GreaterThan(50));
        Assert.That(refused, Is.GreaterThan(1_000));
    }

    private static FeatureCatalogue? Refused(List<FraudScoring.Core.Payments.Fault> faults)
    {
        Assert.That(faults, Is.Not.Empty);
        Assert.That(faults.Select(f => f.Field), Has.All.StartsWith("$"));
        return null;
    }
}
