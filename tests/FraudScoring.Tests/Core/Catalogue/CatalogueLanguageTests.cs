using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Catalogue;

/// <summary>Faults of delays, filters, quantiles, streaks and attempts, each with its path.</summary>
public sealed class CatalogueLanguageTests
{
    private const string Card = """{"name": "card", "fields": ["card"], "recent": 4, "labels": 4, "attempts": 8}""";
    private const string Feature = "$.features[0]";

    [TestCase("count", "\"window\": \"1h\", \"delay\": \"30s\"", ".delay: must be a duration from 1m to 90d")]
    [TestCase("count", "\"window\": \"1h\", \"delay\": 5", ".delay: must be a string")]
    [TestCase("count", "\"window\": \"60d\", \"delay\": \"31d\"", ".delay: plus the window exceeds the retention of 90d")]
    [TestCase("fraud_count", "\"window\": \"60d\", \"delay\": \"31d\"", ".delay: plus the window exceeds the retention of 90d")]
    [TestCase("last", "\"delay\": \"1h\"", ".delay: has no effect")]
    [TestCase("last", "\"window\": \"1h\"", ".window: has no effect")]
    [TestCase("attempts", "\"window\": \"1h\", \"delay\": \"1h\"", ".delay: has no effect")]
    [TestCase("attempts", "\"window\": \"25h\"", ".window: must be a duration from 1m to 24h")]
    [TestCase("attempts", "\"window\": \"1h\", \"filter\": {}", ".filter: has no effect")]
    [TestCase("speed", "\"filter\": {}", ".filter: has no effect")]
    [TestCase("fraud_rate", "\"window\": \"7d\", \"filter\": {}", ".filter: has no effect")]
    [TestCase("count", "\"window\": \"1h\", \"quantile\": 0.5", ".quantile: has no effect")]
    [TestCase("median", "\"window\": \"1h\", \"quantile\": 0.5", ".quantile: has no effect")]
    [TestCase("quantile", "\"window\": \"1h\"", ".quantile: must be a number between 0 and 1")]
    [TestCase("quantile", "\"window\": \"1h\", \"quantile\": 0", ".quantile: must be a number between 0 and 1")]
    [TestCase("quantile", "\"window\": \"1h\", \"quantile\": 1", ".quantile: must be a number between 0 and 1")]
    [TestCase("quantile", "\"window\": \"1h\", \"quantile\": \"half\"", ".quantile: must be a number from 0 to 1")]
    [TestCase("sum", "\"window\": \"1h\", \"half_life\": \"1h\"", ".half_life: has no effect")]
    [TestCase("decayed_sum", "\"window\": \"1h\"", ".half_life: must be a duration from 1m to 90d")]
    [TestCase("decayed_sum", "\"half_life\": \"1h\"", ".window: must be a duration from 1m to 90d")]
    [TestCase("distinct_ratio", "\"window\": \"1h\"", ".value: is not a payment field")]
    [TestCase("rate", "\"window\": \"1h\", \"value\": \"card\"", ".value: has no effect")]
    [TestCase("fraud_streak", "\"window\": \"1h\"", ".window: has no effect")]
    [TestCase("fraud_streak", "\"filter\": {}", ".filter: has no effect")]
    public void Read_WrongMember_NamesIt(string aggregate, string members, string expected) =>
        Assert.That(FaultsOf(Card, OfCard(aggregate, members), maturity: true), Has.Some.StartsWith(Feature + expected));

    [TestCase("5", ": must be an object")]
    [TestCase("[]", ": must be a list of 1 to 4 items")]
    [TestCase("""[{"field": "amount", "below": 1}, 7]""", "[1]: must be an object")]
    [TestCase("{}", ".field: must be a string")]
    [TestCase("""{"field": "town", "in": ["x"]}""", ".field: is not a payment field; use amount or one of card")]
    [TestCase("""{"field": "channel"}""", ".in: must be a list of 1 to 256 items")]
    [TestCase("""{"field": "channel", "in": []}""", ".in: must be a list of 1 to 256 items")]
    [TestCase("""{"field": "channel", "in": ["pigeon"]}""", ".in[0]: is not a channel; use one of card_present")]
    [TestCase("""{"field": "channel", "in": ["atm", 4]}""", ".in[1]: must be a string")]
    [TestCase("""{"field": "merchant_category", "in": ["0"]}""", ".in[0]: must be a merchant category code")]
    [TestCase("""{"field": "merchant_category", "in": ["54x"]}""", ".in[0]: must be a merchant category code")]
    [TestCase("""{"field": "country", "in": ["de"]}""", ".in[0]: is not an ISO 3166-1 alpha-2 country")]
    [TestCase("""{"field": "merchant", "in": [""]}""", ".in[0]: must not be empty")]
    [TestCase("""{"field": "attributes.", "in": ["x"]}""", ".field: is not a payment field")]
    [TestCase("""{"field": "channel", "in": ["atm"], "below": 5}""", ".below: has no effect")]
    [TestCase("""{"field": "amount", "in": ["5"]}""", ".in: has no effect")]
    [TestCase("""{"field": "amount"}""", ": must have at_least, below, or both")]
    [TestCase("""{"field": "amount", "at_least": -1}""", ".at_least: must be a number from 0")]
    [TestCase("""{"field": "amount", "below": "many"}""", ".below: must be a number from 0")]
    [TestCase("""{"field": "amount", "at_least": 5, "below": 5}""", ": matches no amount")]
    [TestCase("""{"field": "amount", "over": 5}""", ".over: is unknown")]
    public void Read_WrongFilter_NamesItsPath(string filter, string expected) => Assert.That(
        FaultsOf(Card, OfCard("count", $"\"window\": \"1h\", \"filter\": {filter}")), Has.Some.StartsWith($"{Feature}.filter{expected}"));

    [TestCase("", "$.maturity: is required by")]
    [TestCase("\"maturity\": 30,", "$.maturity: must be a string")]
    [TestCase("\"maturity\": \"1m\",", "$.maturity: must be a duration from 1h to 365d")]
    [TestCase("\"maturity\": \"400d\",", "$.maturity: must be a duration from 1h to 365d")]
    public void Read_StreakWithoutMaturity_IsAFault(string maturity, string expected)
    {
        var json = TestCatalogues.Json(Card, OfCard("fraud_streak", ""))
            .Replace("\"entities\"", maturity + "\"entities\"", StringComparison.Ordinal);
        Assert.That(TestCatalogues.FaultsOf(json).Select(f => f.ToString()), Has.Some.StartsWith(expected));
    }

    [TestCase("\"recent\": 5, \"labels\": 4", "legitimate_streak", "", ".aggregate: needs a label for every recent payment")]
    [TestCase("\"recent\": 5", "time_since_streak_start", "", ".aggregate: needs labels")]
    [TestCase("\"recent\": 5", "attempts", "\"window\": \"1h\"", ".aggregate: needs attempts")]
    [TestCase("\"recent\": 5", "fraud_rate", "\"window\": \"7d\"", ".aggregate: needs labels")]
    public void Read_EntityKeepsTooLittle_IsAFault(string entity, string aggregate, string members, string expected) => Assert.That(
        FaultsOf($$"""{"name": "card", "fields": ["card"], {{entity}}}""", OfCard(aggregate, members), maturity: true),
        Has.Some.StartsWith(Feature + expected));

    [TestCase("-1")]
    [TestCase("256")]
    [TestCase("\"few\"")]
    public void Read_AttemptsOutOfRange_IsAFault(string attempts) => Assert.That(
        FaultsOf($$"""{"name": "card", "fields": ["card"], "attempts": {{attempts}}}""", OfCard("count", "\"window\": \"1h\"")),
        Has.Some.StartsWith("$.entities[0].attempts: must be a whole number from 0 to 255"));

    [TestCase(1_234, false)]
    [TestCase(1_235, true)]
    [TestCase(9_999, true)]
    [TestCase(10_000, false)]
    public void Holds_AmountAtTheLimits_CountsFromAtLeastToBelow(long amount, bool expected)
    {
        var plan = TestCatalogues.Create(Card, Filtered(1, """{"field": "amount", "at_least": 12.341, "below": 100}""")).Entities[0];
        Assert.That(plan.Filters[0].Holds(TestPayments.Create("t", 1), amount), Is.EqualTo(expected));
    }

    [Test]
    public void Read_FiltersWrittenDifferently_AreOneFilter()
    {
        string[] filters =
        [
            """[{"field": "channel", "in": ["atm", "ecommerce"]}, {"field": "amount", "at_least": 100, "below": 500}]""",
            """[{"field": "amount", "below": 500.0, "at_least": 1e2}, {"field": "channel", "in": ["ecommerce", "atm", "atm"]}]""",
        ];
        var plan = TestCatalogues.Create(Card, [.. filters.Select((f, i) => Filtered(i, f))]).Entities[0];
        Assert.That(plan.Filters.Select(f => f.Text), Is.EqualTo(
            new[] { "amount >= 100 EUR and amount < 500 EUR and channel in (\"ecommerce\", \"atm\")" }));
        Assert.That((plan.Windows.Length, plan.Levels.Length, plan.Levels[0].Filter), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public void Read_NineFilters_NamesTheNinth()
    {
        string[] features = [.. Enumerable.Range(1, 9).Select(i => Filtered(i, $$"""{"field": "amount", "below": {{i}}}"""))];
        Assert.That(FaultsOf(Card, string.Join(", ", features)), Is.EqualTo(new[]
        {
            "$.features[8].filter: is one filter too many: the features of an entity may use at most 8 different filters",
        }));
        Assert.That(FaultsOf(Card, string.Join(", ", features[..8])), Is.Empty);
    }

    [Test]
    public void Read_ManyFaultsOfTheLanguage_NamesAll()
    {
        string[] features =
        [
            OfCard("fraud_streak", "\"window\": \"1h\""),
            OfCard("attempts", "\"window\": \"7d\"").Replace("\"a\"", "\"b\"", StringComparison.Ordinal),
            OfCard("quantile", "\"window\": \"80d\", \"delay\": \"20d\", \"filter\": {\"field\": \"channel\", \"in\": [\"fax\"]}")
                .Replace("\"a\"", "\"c\"", StringComparison.Ordinal),
            """{"name": "d", "text": "t", "formula": "less", "of": ["e", 1]}""",
            """{"name": "e", "text": "t", "formula": "max", "of": ["d", 1]}""",
        ];
        var faults = TestCatalogues.FaultsOf(
            TestCatalogues.Json("""{"name": "card", "fields": ["card"], "recent": 9, "labels": 3}""", features));
        Assert.That(faults.Select(f => f.Field), Is.EquivalentTo(new[]
        {
            "$.maturity", "$.features[0].window", "$.features[0].aggregate", "$.features[1].window", "$.features[1].aggregate",
            "$.features[2].delay", "$.features[2].filter.in[0]", "$.features[2].quantile", "$.features[3].of", "$.features[4].of",
        }));
    }

    [Test]
    public void LayoutHash_NewShapesOfState_AreOthers()
    {
        string[] features =
        [
            OfCard("count", "\"window\": \"1h\""), OfCard("sum", "\"window\": \"1h\""), OfCard("median", "\"window\": \"1h\""),
            OfCard("count", "\"window\": \"1h\", \"delay\": \"1h\""), Filtered(1, """{"field": "amount", "below": 5}"""),
            Filtered(1, """{"field": "amount", "below": 6}"""), OfCard("fraud_count", "\"window\": \"7d\""),
            OfCard("fraud_rate", "\"window\": \"7d\""),
        ];
        Assert.That(features.Select(f => TestCatalogues.Create(Card, f).LayoutHash), Is.Unique);
        Assert.That(TestCatalogues.Create(Card, OfCard("rate", "\"window\": \"1h\"")).LayoutHash,
            Is.EqualTo(TestCatalogues.Create(Card, features[0]).LayoutHash));
        Assert.That(TestCatalogues.Create(Card, OfCard("attempts", "\"window\": \"1h\"")).LayoutHash,
            Is.EqualTo(TestCatalogues.Create(Card, OfCard("attempts", "\"window\": \"2h\"")).LayoutHash));
    }

    [Test]
    public void Levels_DelayedWindow_AreAsWideAsItReachesBack()
    {
        var plan = TestCatalogues.Create(Card, OfCard("count", "\"window\": \"1h\", \"delay\": \"1h\""),
            OfCard("count", "\"window\": \"1h\", \"delay\": \"7d\"").Replace("\"a\"", "\"b\"", StringComparison.Ordinal)).Entities[0];
        Assert.That(plan.Levels.Select(l => (l.WidthMs, l.Count)), Is.EqualTo(new[] { (60_000L, 121), (86_400_000L, 9) }));
        Assert.That(plan.RetentionMs, Is.EqualTo((7 * 86_400_000L) + 3_600_000));
    }

    private static string OfCard(string aggregate, string members) =>
        $$"""{"name": "a", "text": "t", "entity": "card", "aggregate": "{{aggregate}}" {{(members.Length > 0 ? "," : "")}} {{members}}}""";

    private static string Filtered(int number, string filter) =>
        OfCard("count", $"\"window\": \"1h\", \"filter\": {filter}").Replace("\"a\"", $"\"a{number}\"", StringComparison.Ordinal);

    private static IEnumerable<string> FaultsOf(string entity, string features, bool maturity = false)
    {
        var json = TestCatalogues.Json(entity, features);
        json = maturity ? json.Replace("\"entities\"", "\"maturity\": \"30d\", \"entities\"", StringComparison.Ordinal) : json;
        return TestCatalogues.FaultsOf(json).Select(f => f.ToString());
    }
}
