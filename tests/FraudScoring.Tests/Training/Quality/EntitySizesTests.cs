using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Quality;

namespace FraudScoring.Tests.Training.Quality;

public sealed class EntitySizesTests
{
    [Test]
    public void Add_FewEntities_CountsAllExactly() =>
        Gen.Int[0, 30].Array[0, 200].Sample(payments =>
        {
            var sizes = new EntitySizes(31);
            Array.ForEach(payments, card => sizes.Add(HashOf(card)));
            Assert.That((sizes.IsComplete, sizes.Entities), Is.EqualTo((true, payments.Distinct().Count())));
            Assert.That(sizes.Sizes, Is.EqualTo(payments.CountBy(card => card).Select(card => (long)card.Value).Order()));
        });

    [Test]
    public void Add_ManyEntities_KeepsSomeWithTheirExactCountsAndEstimatesTheNumber()
    {
        const int cards = 40_000, capacity = 1_000;
        var sizes = new EntitySizes(capacity);
        for (var payment = 0; payment < 3; payment++)
        {
            for (var card = 0; card < cards; card++)
            {
                sizes.Add(HashOf(card));
            }
        }
        Assert.That(sizes.IsComplete, Is.False);
        Assert.That(sizes.Sizes, Has.Count.InRange(capacity / 4, capacity).And.All.EqualTo(3));
        Assert.That(sizes.Entities, Is.EqualTo(cards).Within(10).Percent);
    }

    private static ulong HashOf(int card) => StableHash.Compute(FormattableString.Invariant($"card {card}"));
}
