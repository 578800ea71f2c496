using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

public sealed class FeatureBuilderTests
{
    /// <summary>Monday 2026-01-05 03:15 UTC.</summary>
    private const long NowMs = 1_767_582_900_000;
    private const long Second = MillisecondsPer.Second, Minute = MillisecondsPer.Minute;
    private const long Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;

    private static readonly FeatureCatalogue All = TestCatalogues.Create(
        """{"name": "card", "fields": ["card"], "recent": 8, "labels": 4}""",
        """{"name": "amount", "text": "t", "payment": "amount"}""", """{"name": "hour_of_day", "text": "t", "payment": "hour_of_day"}""",
        """{"name": "day_of_week", "text": "t", "payment": "day_of_week"}""",
            """{"name": "hour_of_week", "text": "t", "payment": "hour_of_week"}""",
        """{"name": "is_weekend", "text": "t", "payment": "is_weekend"}""", """{"name": "is_night", "text": "t", "payment": "is_night"}""",
        """{"name": "channel", "text": "t", "payment": "channel"}""",
            """{"name": "category", "text": "t", "payment": "merchant_category"}""",
        """{"name": "has_device", "text": "t", "payment": "has_device"}""",
            """{"name": "retries", "text": "t", "payment": "attributes.retries"}""",
        """{"name": "tier", "text": "t", "payment": "attributes.tier"}""",
        TestCatalogues.Card("count", "1h"), TestCatalogues.Card("sum", "1h"), TestCatalogues.Card("mean", "1h"),
            TestCatalogues.Card("deviation", "1h"),
        TestCatalogues.Card("min", "1h"), TestCatalogues.Card("max", "1h"), TestCatalogues.Card("distinct", "1h", "merchant"),
        TestCatalogues.Card("count_same", "1h", "country"), TestCatalogues.Card("time_since_last"), TestCatalogues.Card("time_since_first"),
        TestCatalogues.Card("distance"), TestCatalogues.Card("speed"), TestCatalogues.Card("fraud_count", "7d"),
            TestCatalogues.Card("time_since_fraud"));

    private static EntityPlan Card => All.Entities[0];

    [Test]
    public void Fill_KnownHistory_GivesTheRowComputedByHand()
    {
        var profile = new EntityProfile(Card);
        Add(profile, "a", NowMs - (2 * Day), 9_900, "m1", "DE");
        Add(profile, "b", NowMs - (50 * Minute), 1_000, "m1", "DE");
        Add(profile, "c", NowMs - (30 * Minute), 3_000, "m2", "FR", 48.8566, 2.3522);
        Add(profile, "d", NowMs - (10 * Second), 2_000, "m2", "DE");
        profile.Labels.Add(new ProfileLabel(1, NowMs - (3 * Day), true));
        profile.Labels.Add(new ProfileLabel(2, NowMs - Day, false));
        var row = Fill(TestPayments.Full("now", NowMs, 12_345), profile);
        var deviation = Math.Sqrt(200.0 / 3);
        Assert.Multiple(() =>
        {
            AssertRow(row, ("amount", 123.45), ("hour_of_day", 3), ("day_of_week", 0), ("hour_of_week", 3), ("is_weekend", 0),
                ("is_night", 1),
                ("channel", 2), ("category", 5411), ("has_device", 1), ("retries", 2), ("tier", double.NaN));
            AssertRow(row, ("count_1h", 3), ("sum_1h", 60), ("mean_1h", 20), ("deviation_1h", deviation), ("min_1h", 10), ("max_1h", 30),
                ("distinct_merchant_1h", 2), ("count_same_country_1h", 2), ("time_since_last", 10), ("time_since_first", 2 * 86_400),
                ("fraud_count_7d", 1), ("time_since_fraud", 3 * 86_400));
            // Paris to Berlin is 877.5 km. The newest payment has no location, so the one before it, half an hour ago, counts.
            Assert.That(row[All.IndexOf("distance")], Is.EqualTo(877.5).Within(0.5));
            Assert.That(row[All.IndexOf("speed")], Is.EqualTo(2 * 877.5).Within(1));
        });
    }

    [Test]
    public void Fill_OwnEventHasArrived_GivesTheSameRow()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var profile = new EntityProfile(Card);
            for (var i = random.Next(8); i > 0; i--)
            {
                Add(profile, $"t{i}", NowMs - 1 - random.NextInt64(2 * Day), random.Next(100_000), $"m{random.Next(3)}", "DE", 50,
                    random.Next(10));
            }
            var payment = TestPayments.Full("own", NowMs, 777);
            var before = Fill(payment, profile);
            profile.Add(ProfileEvent.Create(Card, payment, 777));
            Assert.That(Fill(payment, profile), Is.EqualTo(before), $"round {round}");
        }
    }

    [Test]
    public void Fill_NoHistoryYet_CountsNothingAndMissesTheRest()
    {
        var row = Fill(TestPayments.Full("now", NowMs), new EntityProfile(Card));
        string[] none = ["count_1h", "sum_1h", "distinct_merchant_1h", "count_same_country_1h", "fraud_count_7d"];
        Assert.Multiple(() =>
        {
            AssertRow(row, [.. none.Select(name => (name, 0.0))]);
            AssertRow(row, [.. All.Features.Skip(11).Select(f => f.Name).Except(none).Select(name => (name, double.NaN))]);
        });
    }

    [Test]
    public void Fill_HistoryNotKnown_MissesAllOfIt()
    {
        var row = Fill(TestPayments.Full("now", NowMs), null);
        AssertRow(row, [.. All.Features.Skip(11).Select(f => (f.Name, double.NaN))]);
    }

    [Test]
    public void Fill_PaymentWithTheLeast_MissesWhatItDoesNotSay()
    {
        var profile = new EntityProfile(Card);
        Add(profile, "a", NowMs - Hour + 1, 100, "m", "DE", 1, 1);
        var row = Fill(TestPayments.Create("now", NowMs), profile);
        AssertRow(row, ("category", double.NaN), ("has_device", 0), ("retries", double.NaN), ("tier", double.NaN),
            ("count_same_country_1h", double.NaN), ("distance", double.NaN), ("speed", double.NaN), ("count_1h", 1));
    }

    [TestCase("2026-01-05T00:00:00Z", 0, 0, 0, 1)]
    [TestCase("2026-01-05T06:59:59Z", 6, 0, 0, 1)]
    [TestCase("2026-01-05T07:00:00Z", 7, 0, 0, 0)]
    [TestCase("2026-01-09T23:59:59Z", 119, 4, 0, 0)]
    [TestCase("2026-01-10T00:00:00Z", 120, 5, 1, 1)]
    [TestCase("2026-01-11T23:59:59Z", 167, 6, 1, 0)]
    [TestCase("1970-01-01T00:00:01Z", 72, 3, 0, 1)]
    public void Fill_AnyTime_SaysHourAndDay(string time, int hourOfWeek, int day, int weekend, int night)
    {
        var ms = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        AssertRow(Fill(TestPayments.Create("now", ms), null),
            ("hour_of_week", hourOfWeek), ("hour_of_day", hourOfWeek % 24), ("day_of_week", day), ("is_weekend", weekend),
                ("is_night", night));
    }

    [Test]
    public void Fill_WindowEndsOnEvents_ExcludesBothEnds()
    {
        var profile = new EntityProfile(Card);
        Add(profile, "old", NowMs - Hour, 100, "m", "DE");
        Add(profile, "now", NowMs, 100, "m", "DE");
        Assert.That(Fill(TestPayments.Create("x", NowMs), profile)[All.IndexOf("count_1h")], Is.Zero);
        Assert.That(Fill(TestPayments.Create("x", NowMs - 1), profile)[All.IndexOf("count_1h")], Is.EqualTo(1));
    }

    [Test]
    public void Fill_TravelWithinAMinute_SpeedIsOverAMinute()
    {
        var profile = new EntityProfile(Card);
        Add(profile, "a", NowMs - 1, 100, "m", "DE", 52.52, 14.405);
        var row = Fill(TestPayments.Full("now", NowMs), profile);
        Assert.That(row[All.IndexOf("speed")], Is.EqualTo(row[All.IndexOf("distance")] * 60).Within(1e-4).Percent);
    }

    [TestCase("ratio", "6, 3", 2)]
    [TestCase("ratio", "6, 0", double.NaN)]
    [TestCase("ratio", "0, 0", double.NaN)]
    [TestCase("ratio", "0, 3", 0)]
    [TestCase("ratio", "\"missing\", 3", double.NaN)]
    [TestCase("ratio", "6, \"missing\"", double.NaN)]
    [TestCase("difference", "6, 9", -3)]
    [TestCase("difference", "\"missing\", 9", double.NaN)]
    [TestCase("z_score", "10, 4, 3", 2)]
    [TestCase("z_score", "10, 4, 0", double.NaN)]
    [TestCase("z_score", "10, \"missing\", 3", double.NaN)]
    [TestCase("z_score", "10, 4, \"missing\"", double.NaN)]
    [TestCase("log", "0", 0)]
    [TestCase("log", "-5", 0)]
    [TestCase("log", "1.7182818284590451", 1)]
    [TestCase("log", "\"missing\"", double.NaN)]
    [TestCase("greater", "2, 1", 1)]
    [TestCase("greater", "1, 1", 0)]
    [TestCase("greater", "\"missing\", 1", double.NaN)]
    [TestCase("greater", "1, \"missing\"", double.NaN)]
    [TestCase("less", "1, 2", 1)]
    [TestCase("less", "1, 1", 0)]
    [TestCase("less", "\"missing\", 1", double.NaN)]
    [TestCase("less", "1, \"missing\"", double.NaN)]
    [TestCase("equal", "2, 2", 1)]
    [TestCase("equal", "2, 3", 0)]
    [TestCase("equal", "\"missing\", 1", double.NaN)]
    [TestCase("equal", "1, \"missing\"", double.NaN)]
    [TestCase("min", "2, -3", -3)]
    [TestCase("min", "\"missing\", 1", double.NaN)]
    [TestCase("min", "1, \"missing\"", double.NaN)]
    [TestCase("max", "2, -3", 2)]
    [TestCase("max", "\"missing\", 1", double.NaN)]
    [TestCase("max", "1, \"missing\"", double.NaN)]
    [TestCase("is_new", "0", 1)]
    [TestCase("is_new", "3", 0)]
    [TestCase("is_new", "\"missing\"", double.NaN)]
    public void Fill_Formula_GivesItsValueOrAMissingOne(string formula, string arguments, double expected)
    {
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"]}""",
            """{"name": "missing", "text": "t", "payment": "attributes.none"}""",
            $$"""{"name": "f", "text": "t", "formula": "{{formula}}", "of": [{{arguments}}]}""");
        var row = new float[2];
        FeatureBuilder.Fill(catalogue, TestPayments.Create("now", NowMs), 100, [null], row);
        Assert.That(row[1], double.IsNaN(expected) ? Is.NaN : Is.EqualTo(expected).Within(1e-6));
    }

    [Test]
    public void Fill_FormulaOfLaterFormula_IsComputedInTheRightOrder()
    {
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"]}""",
            """{"name": "first", "text": "t", "formula": "log", "of": ["second"]}""",
            """{"name": "second", "text": "t", "formula": "is_new", "of": ["third"]}""",
            """{"name": "third", "text": "t", "formula": "difference", "of": ["amount", 1]}""",
            """{"name": "amount", "text": "t", "payment": "amount"}""");
        var row = new float[4];
        FeatureBuilder.Fill(catalogue, TestPayments.Create("now", NowMs), 100, [null], row);
        Assert.That(row, Is.EqualTo(new[] { MathF.Log(2), 1, 0, 1 }).Within(1e-6f));
    }

    [Test]
    public void Fill_ServedCatalogueWarm_AllocatesNothing()
    {
        var catalogue = TestCatalogues.Served;
        var profiles = catalogue.Entities.Select(plan => EntityProfileTests.Fill(
            new EntityProfile(plan), EventStreams.Draw(new Random(plan.Index), plan, 200, 6),
                EventStreams.Labels(new Random(plan.Index), plan.KeepsLabels ? 50 : 0))).ToArray();
        var payment = TestPayments.Full("now", profiles.Max(p => p.NewestMs) + 1);
        var row = new float[catalogue.Features.Count];
        for (var i = 0; i < 50; i++)
        {
            FeatureBuilder.Fill(catalogue, payment, 100, profiles, row);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            FeatureBuilder.Fill(catalogue, payment, 100, profiles, row);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(row, Has.Some.Not.NaN);
    }

    private static void Add(EntityProfile profile, string id, long timeMs, long amount, string merchant, string country, double latitude =
        double.NaN, double longitude = double.NaN) =>
        profile.Add(ProfileEvent.Create(profile.Plan, new Payment
        {
            TransactionId = id, EventTimeMs = timeMs, AmountMinor = amount, Currency = TestPayments.Euro, Card = "card", Merchant =
                merchant,
            Country = country, Channel = Channel.Ecommerce, Latitude = latitude, Longitude = longitude,
        }, amount));

    private static float[] Fill(Payment payment, EntityProfile? profile)
    {
        var row = new float[All.Features.Count];
        Array.Fill(row, -1);
        FeatureBuilder.Fill(All, payment, payment.AmountMinor, [profile], row);
        return row;
    }

    private static void AssertRow(float[] row, params (string Name, double Value)[] expected)
    {
        foreach (var (name, value) in expected)
        {
            Assert.That(row[All.IndexOf(name)], double.IsNaN(value) ? Is.NaN : Is.EqualTo(value).Within(1e-5).Percent, name);
        }
    }
}
