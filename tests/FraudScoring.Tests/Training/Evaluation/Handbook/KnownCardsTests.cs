using FraudScoring.Training.Evaluation.Handbook;

namespace FraudScoring.Tests.Training.Evaluation.Handbook;

public sealed class KnownCardsTests
{
    private const int Train = 100;

    private static readonly ProtocolFold Fold = new(Train + 14);

    [Test]
    public void TestRows_AnyPayments_AreThoseOfThePlainRecalculation()
    {
        var removed = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var rows = random.Next(400);
            int[] days = [.. Enumerable.Range(0, rows).Select(_ => random.Next(Train - 10, Train + 25))];
            long[] cards = [.. days.Select(_ => (long)random.Next(30))];
            float[] labels = [.. days.Select(_ => random.Next(12) == 0 ? 1f : 0f)];
            var expected = Recalculate(days, cards, labels);
            removed += days.Count(day => day >= Train + 14 && day < Train + 21) - expected.Count;
            Assert.That(KnownCards.TestRows(Fold, days, cards, labels), Is.EqualTo(expected), $"seed {seed}");
        }
        Assert.That(removed, Is.GreaterThan(1_000));
    }

    [TestCase(Train - 1, 0, true, Description = "before the training week")]
    [TestCase(Train, 0, false, Description = "first day of training")]
    [TestCase(Train + 6, 0, false, Description = "last day of training")]
    [TestCase(Train + 7, 0, true, Description = "in the delay, not known on the first day of the test")]
    [TestCase(Train + 7, 1, false, Description = "known on the second")]
    [TestCase(Train + 12, 6, false, Description = "known on the last day of the test")]
    [TestCase(Train + 13, 6, true, Description = "the last day of the delay is never known in the test")]
    public void TestRows_FraudOnADay_IsKnownAWeekAndADayLater(int fraudDay, int testDay, bool isTested)
    {
        int[] days = [fraudDay, Train + 14 + testDay];
        Assert.That(KnownCards.TestRows(Fold, days, [7, 7], [1, 0]), Is.EqualTo(isTested ? [1] : Array.Empty<int>()));
        Assert.That(KnownCards.TestRows(Fold, days, [7, 8], [1, 0]), Is.EqualTo(new[] { 1 }), "another card");
        Assert.That(KnownCards.TestRows(Fold, days, [7, 7], [0, 0]), Is.EqualTo(new[] { 1 }), "no fraud");
    }

    /// <summary>A literal implementation of the specification: day by day, with a growing set of known cards.</summary>
    private static List<int> Recalculate(int[] days, long[] cards, float[] labels)
    {
        var known = Enumerable.Range(0, days.Length)
            .Where(i => labels[i] > 0 && days[i] >= Train && days[i] < Train + 7).Select(i => cards[i]).ToHashSet();
        var tested = new List<int>();
        for (var k = 0; k < 7; k++)
        {
            known.UnionWith(Enumerable.Range(0, days.Length)
                .Where(i => labels[i] > 0 && days[i] == Train + 7 + k - 1).Select(i => cards[i]));
            tested.AddRange(Enumerable.Range(0, days.Length).Where(i => days[i] == Train + 7 + 7 + k && !known.Contains(cards[i])));
        }
        return [.. tested.Order()];
    }
}
