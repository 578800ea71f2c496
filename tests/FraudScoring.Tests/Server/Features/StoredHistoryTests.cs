using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Server.Features;

/// <summary>A gap in the history makes exactly those features stale whose windows reach into it, until they have passed.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StoredHistoryTests
{
    private const long NowMs = 1_800_000_000_000, Hour = MillisecondsPer.Hour;
    private static readonly int Transactions = AppliedOffsets.SourceOf(TransactionRecord.TopicNumber, 3);
    private static readonly int Labels = AppliedOffsets.SourceOf(LabelRecord.TopicNumber, 0);

    private readonly StoredHistory _history = new(TestCatalogues.Served);

    [Test]
    public void Update_WithoutAGap_NothingIsMissing()
    {
        _history.Update(new FreshnessReading(NowMs, new Dictionary<int, long>()));
        Assert.That((_history.IsMissing, _history.Missing, _history.SinceMs), Is.EqualTo((false, TimeSpan.Zero, (long?)null)));
    }

    [Test]
    public void Update_GapOfTransactions_ShrinksAsTheWindowsPass()
    {
        var reachMs = TestCatalogues.Served.LongestReachMs;
        var gap = new HistoryGap(NowMs - (5 * Hour), NowMs - (2 * Hour));
        Update(Transactions, gap);
        Assert.That((_history.IsMissing, _history.Missing), Is.EqualTo((true, TimeSpan.FromHours(3))));
        Update(Transactions, gap, NowMs + reachMs - (3 * Hour));
        Assert.That(_history.Missing, Is.LessThanOrEqualTo(TimeSpan.FromHours(1)));
        Update(Transactions, gap, NowMs + reachMs - (2 * Hour));
        Assert.That((_history.IsMissing, _history.Missing), Is.EqualTo((false, TimeSpan.Zero)));
    }

    [Test]
    public void Update_GapWithoutKnownStartOrEnd_IsTheWholeWindow()
    {
        Update(Transactions, new HistoryGap(0, null));
        Assert.That(_history.Missing, Is.GreaterThan(TimeSpan.FromDays(1)));
    }

    [TestCase("card_count_1h", ExpectedResult = false)]
    [TestCase("card_count_24h", ExpectedResult = true)]
    [TestCase("card_attempts_10m", ExpectedResult = false)]
    public bool Lacks_GapOfTransactionsTwoHoursAgo(string feature)
    {
        Update(Transactions, new HistoryGap(NowMs - (5 * Hour), NowMs - (2 * Hour)));
        return _history.Lacks(TestCatalogues.Served.IndexOf(feature), NowMs);
    }

    [Test]
    public void Lacks_GapOfLabels_ConcernsOnlyFeaturesOverLabels()
    {
        Update(Labels, new HistoryGap(0, NowMs));
        var catalogue = TestCatalogues.Served;
        var lacking = catalogue.Features.Where(feature => _history.Lacks(feature.Index, NowMs)).Select(feature => feature.Name).ToList();
        Assert.That(lacking, Is.SupersetOf(new[] { "card_fraud_count_30d", "merchant_fraud_streak", "merchant_time_since_fraud" }));
        Assert.That(lacking.Intersect(["card_count_24h", "card_attempts_10m", "card_sum_24h"]), Is.Empty);
    }

    [Test]
    public void SinceMs_OfSeveralPartitions_IsTheLatest_AndThatOfLabelsDoesNotCount()
    {
        _history.Update(new FreshnessReading(NowMs, new Dictionary<int, long>())
        {
            SinceMs = new Dictionary<int, long> { [Transactions] = 5, [AppliedOffsets.SourceOf(0, 1)] = 9, [Labels] = 70 },
        });
        Assert.That((_history.SinceMs, _history.IsMissing), Is.EqualTo(((long?)9, false)));
    }

    [Test]
    public void HistoryGap_ThereAndBack_IsTheSame([Values(0, 17)] long start, [Values(null, 0, 18)] long? end) =>
        Assert.That(HistoryGap.Parse(new HistoryGap(start, end).ToValue()), Is.EqualTo(new HistoryGap(start, end)));

    private void Update(int source, HistoryGap gap, long nowMs = NowMs) => _history.Update(
        new FreshnessReading(nowMs, new Dictionary<int, long>()) { Gaps = new Dictionary<int, HistoryGap> { [source] = gap } });
}
