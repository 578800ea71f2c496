using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class LabelHistoryTests
{
    private const long Day = MillisecondsPer.Day;

    private static readonly EntityPlan Plan = Compile(
        Delayed("fraud_count", "12h"), Delayed("fraud_count", "7d"), Delayed("fraud_count", "30d"), Delayed("fraud_count", "7d", "2d"),
        Delayed("fraud_rate", "12h"), Delayed("fraud_rate", "30d"), Delayed("fraud_rate", "7d", "7d"));

    /// <summary>One list reaches back to all labels, one to few, one to almost none.</summary>
    [TestCase(40, 1, 400)]
    [TestCase(5, 6, 200)]
    [TestCase(2, 40, 200)]
    [TestCase(1, 1, 50)]
    public void FraudCountAndRate_LabelsRepeatedAndCorrected_AgreeWithAllLabelsEver(int capacity, int frauds, int least)
    {
        var exact = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var labels = EventStreams.Relabelled(random, random.Next(1, 40), random.Next(1, 30));
            EventStreams.ShufflePayments(random, labels);
            var history = new LabelHistory(capacity, frauds, Plan.LabelLevel, countsAll: true);
            Array.ForEach(labels, label => history.Add(label));
            var newest = labels.Max(l => l.LabelTimeMs);
            foreach (var now in new[] { newest + 1, newest, newest + random.NextInt64(Day), newest + random.NextInt64(40 * Day) })
            {
                exact += Plan.LabelWindows.Count(window => AssertAgrees(history, labels, window, now));
            }
        }
        TestContext.Out.WriteLine($"{exact} windows exact");
        Assert.That(exact, Is.GreaterThan(least));
    }

    /// <summary>Labels of different payments come in any order, those of one payment in theirs.</summary>
    [Test]
    public void Add_RelabelledInAnyOrder_GivesTheSameBytes([Values(1, 3, 8)] int capacity, [Values(1, 4)] int frauds)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var labels = EventStreams.Relabelled(random, random.Next(1, 60), random.Next(1, 20));
            var expected = Describe(capacity, frauds, labels);
            EventStreams.ShufflePayments(random, labels);
            Assert.That(Describe(capacity, frauds, labels), Is.EqualTo(expected), $"seed {seed}");
        }
    }

    /// <summary>A fraud, then more legitimate labels than the list holds, then the correction, then as many again.</summary>
    [Test]
    public void FraudCount_FraudTakenBackAfterItLeftTheList_IsZeroFromTheCorrectionOn()
    {
        var history = new EntityProfile(Plan).Labels;
        history.Add(new ProfileLabel(0, At(0), true));
        AddLegitimate(1, 50);
        Assert.That(history.FraudCount(At(51), new LabelWindow(30 * Day, 0)), Is.EqualTo(1));
        history.Add(new ProfileLabel(0, At(51), false));
        AddLegitimate(52, 110);
        Assert.That(history.Recent.Select(l => l.Label.Id), Has.None.Zero, "the correction has left the list, too");
        Assert.That((history.FraudCount(At(51), Month), history.FraudCount(At(51) + 1, Month)), Is.EqualTo((1.0, 0.0)));
        Assert.That((history.LastFraudMs(At(51)), history.LastFraudMs(At(51) + 1)), Is.EqualTo(((long?)At(0), (long?)null)));
        history.Add(new ProfileLabel(0, At(200), true));
        Assert.That((history.FraudCount(At(201), Month), history.LastFraudMs(At(201))), Is.EqualTo((1.0, (long?)At(200))));

        void AddLegitimate(int from, int to)
        {
            for (var i = from; i <= to; i++)
            {
                history.Add(new ProfileLabel((ulong)i, At(i), false));
            }
        }
    }

    /// <summary>Reported on day 1, confirmed by a chargeback on day 40: known fraud since day 1.</summary>
    [Test]
    public void FraudCount_FraudReportedAgain_CountsOnceAtTheFirstReport()
    {
        var history = new EntityProfile(Plan).Labels;
        history.Add(new ProfileLabel(7, EventStreams.StartMs + Day, true));
        history.Add(new ProfileLabel(7, EventStreams.StartMs + (40 * Day), true));
        Assert.That(history.FraudCount(EventStreams.StartMs + (30 * Day), Month), Is.EqualTo(1));
        Assert.That(history.FraudCount(EventStreams.StartMs + (41 * Day), Month), Is.Zero);
        Assert.That(history.LastFraudMs(EventStreams.StartMs + (41 * Day)), Is.EqualTo(EventStreams.StartMs + Day));
    }

    /// <summary>The documented limit: a fraud behind as many newer ones as are kept counts in its day, taken back or not.</summary>
    [Test]
    public void FraudCount_FraudTakenBackBehindTheKeptFrauds_CountsAgain()
    {
        var history = new LabelHistory(1, 3, Plan.LabelLevel, countsAll: false);
        history.Add(new ProfileLabel(0, At(0), true));
        history.Add(new ProfileLabel(0, At(1), false));
        for (var i = 1; i <= 3; i++)
        {
            history.Add(new ProfileLabel((ulong)i, At(1 + i), true));
        }
        Assert.That(history.FraudCount(At(10), Month), Is.EqualTo(3));
        history.Add(new ProfileLabel(4, At(5), true));
        Assert.That(history.FraudCount(At(10), Month), Is.EqualTo(5));
    }

    [Test]
    public void Tiles_NoFeatureOfRates_CountFraudsAlone()
    {
        var labels = EventStreams.Labels(new Random(1), 30);
        var history = new LabelHistory(5, 2, Plan.LabelLevel, countsAll: false);
        Array.ForEach(labels, label => history.Add(label));
        Assert.That(history.Tiles, Is.Not.Empty);
        Assert.That(history.Tiles.Select(t => t.Labels), Is.EqualTo(history.Tiles.Select(t => t.Frauds)));
        Assert.That(history.FraudRate(labels.Max(l => l.LabelTimeMs) + 1, new LabelWindow(30 * Day, 0)), Is.NaN);
    }

    [Test]
    public void LastFraudMs_AnyLabels_IsTheNewestOfThePaymentsThatAreFraud()
    {
        var present = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var labels = EventStreams.Relabelled(random, random.Next(1, 20), 8);
            var now = labels[random.Next(labels.Length)].LabelTimeMs + random.Next(2);
            var expected = Known(labels, now).Where(p => p.Fraud).Max(p => (long?)p.SinceMs);
            EventStreams.ShufflePayments(random, labels);
            Assert.That(EntityProfileTests.Fill(new EntityProfile(Plan), [], labels).Labels.LastFraudMs(now), Is.EqualTo(expected),
                $"seed {seed}");
            present += expected is null ? 0 : 1;
        }
        Assert.That(present, Is.GreaterThan(100));
    }

    [Test]
    public void Add_AllKeptInTheList_GivesTheSameInAnyOrderAtAll()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var labels = EventStreams.Relabelled(random, 12, 3);
            var expected = Describe(12, 1, labels);
            random.Shuffle(labels);
            Assert.That(Describe(12, 1, [.. labels, .. labels]), Is.EqualTo(expected), $"seed {seed}");
        }
    }

    private static EntityPlan Compile(params string[] features) =>
        TestCatalogues.Create("""{"name": "card", "fields": ["card"], "labels": 5}""", features).Entities[0];

    private static string Delayed(string aggregate, string window, string? delay = null) => delay is null
        ? TestCatalogues.Card(aggregate, window)
        : TestCatalogues.Card(aggregate, window).Replace("\"text\"", $"\"delay\": \"{delay}\", \"text\"", StringComparison.Ordinal)
            .Replace($"{aggregate}_{window}", $"{aggregate}_{window}_{delay}", StringComparison.Ordinal);

    private static LabelWindow Month => new(30 * Day, 0);

    private static long At(int minutes) => EventStreams.StartMs + (minutes * MillisecondsPer.Minute);

    private static string Describe(int capacity, int frauds, ProfileLabel[] labels)
    {
        var history = new LabelHistory(capacity, frauds, Plan.LabelLevel, countsAll: true);
        Array.ForEach(labels, label => history.Add(label));
        return string.Join('\n', history.Recent.Concat(history.EarlierFrauds).Select(l => l.ToString())
            .Concat(history.Tiles.Select(t => t.ToString())));
    }

    /// <summary>What each payment is known to be, and since when, by definition.</summary>
    private static (long SinceMs, bool Fraud)[] Known(IEnumerable<ProfileLabel> labels, long now) =>
    [
        .. from payment in labels.Where(l => l.LabelTimeMs < now).GroupBy(l => l.Id)
           let inOrder = payment.OrderByDescending(l => l.LabelTimeMs).ThenByDescending(l => l.Fraud).ToArray()
           select (inOrder.TakeWhile(l => l.Fraud == inOrder[0].Fraud).Last().LabelTimeMs, inOrder[0].Fraud),
    ];

    /// <returns>True if the readings must be exact: no tile is cut, and no payment of several labels has one in a tile.</returns>
    private static bool AssertAgrees(LabelHistory history, ProfileLabel[] labels, LabelWindow window, long now)
    {
        long end = now - window.DelayMs, since = end - window.LengthMs;
        var counted = labels.Except(history.Recent.Concat(history.EarlierFrauds).Select(l => l.Label)).ToArray();
        var several = labels.GroupBy(l => l.Id).Where(g => g.Count() > 1 && g.Any(counted.Contains)).Select(g => g.Key).ToHashSet();
        var doubtful = labels.Where(l => several.Contains(l.Id) || (counted.Contains(l) && (l.LabelTimeMs / Day == since / Day
            || l.LabelTimeMs >= end || (window.DelayMs > 0 && l.LabelTimeMs / Day == end / Day)))).ToArray();
        var inside = Known(labels, now).Where(p => p.SinceMs > since && p.SinceMs < end).ToArray();
        var (count, rate, frauds) = (history.FraudCount(now, window), history.FraudRate(now, window), inside.Count(p => p.Fraud));
        Assert.That(count, Is.EqualTo(frauds).Within(doubtful.Count(l => l.Fraud) + 1e-9));
        if (doubtful.Length == 0)
        {
            Assert.That(rate, inside.Length == 0 ? Is.NaN : Is.EqualTo((double)frauds / inside.Length).Within(1e-12));
        }
        return doubtful.Length == 0;
    }
}
