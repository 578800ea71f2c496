using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Catalogue;

[Parallelizable]
public sealed class CatalogueFuzzTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void Read_MutatedCatalogue_GivesACatalogueThatWorksOrFaultsAndNeverThrows(bool rich)
    {
        var original = rich ? TestCatalogues.RichJson : TestCatalogues.ServedJson;
        var (taken, refused) = (0, 0);
        for (var seed = 0; seed < 3_000; seed++)
        {
            var json = JsonMutation.Mutate(new Random(seed), original);
            FeatureCatalogue? catalogue = null;
            var faults = new Faults();
            Assert.That(() => catalogue = CatalogueReader.Parse(json, faults) is { } read && faults.Count == 0 ? read
                : Refused(faults), Throws.Nothing, $"seed {seed}");
            if (catalogue is null)
            {
                refused++;
                continue;
            }
            taken++;
            AssertWorks(catalogue);
        }
        Assert.That(taken, Is.GreaterThan(50));
        Assert.That(refused, Is.GreaterThan(1_000));
    }

    private static void AssertWorks(FeatureCatalogue catalogue)
    {
        var payment = TestPayments.Full("t", EventStreams.StartMs);
        var profiles = catalogue.Entities.Select(plan => new EntityProfile(plan)).ToArray();
        Array.ForEach(profiles, p => p.Add(ProfileEvent.Create(p.Plan, TestPayments.Full("before", EventStreams.StartMs - 1), 5_000)));
        var (row, states) = (new float[catalogue.Features.Count], new FeatureState[catalogue.Features.Count]);
        FeatureBuilder.Fill(catalogue, payment, 1, profiles, row);
        FeatureStates.Fill(catalogue, profiles, row, payment.EventTimeMs, states);
        Assert.That(CatalogueDocument.Markdown(catalogue), Does.StartWith("# Features"));
        var changes = new Faults();
        CatalogueChange.Check(catalogue, catalogue, changes);
        Assert.That(changes, Is.Empty);
    }

    private static FeatureCatalogue? Refused(Faults faults)
    {
        Assert.That(faults, Is.Not.Empty);
        Assert.That(faults.Select(f => f.Field), Has.All.StartsWith("$"));
        return null;
    }
}
