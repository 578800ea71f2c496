using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

public sealed class FeatureMeaningTests
{
    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Compile(Encoding.UTF8.GetBytes(TestCatalogues.Json(
        """{"name": "pair", "fields": ["card", "merchant"], "recent": 8, "labels": 9, "attempts": 5}""",
        """{"name": "amount", "text": "t", "reason": "R", "payment": "amount"}""",
        """{"name": "tier", "text": "t", "payment": "attributes.tier"}""",
        """
        {"name": "p", "text": "p | q", "entity": "pair", "aggregate": "quantile", "window": "24h", "delay": "7d", "quantile": 0.9,
         "filter": {"field": "channel", "in": ["atm"]}}
        """,
        """{"name": "decayed", "text": "t", "entity": "pair", "aggregate": "decayed_sum", "window": "3h", "half_life": "90m"}""",
        """{"name": "same", "text": "t", "entity": "pair", "aggregate": "count_same", "window": "30d", "value": "device"}""",
        """{"name": "streak", "text": "t", "entity": "pair", "aggregate": "fraud_streak"}""",
        """{"name": "tries", "text": "t", "entity": "pair", "aggregate": "attempts", "window": "5m"}""",
        """{"name": "over", "text": "t", "formula": "ratio", "of": ["amount", "p"]}""",
        """{"name": "high", "text": "t", "formula": "greater", "of": ["over", 2.5]}""")
            .Replace("\"entities\"", "\"maturity\": \"45d\", \"entities\"", StringComparison.Ordinal)));

    [TestCase("amount", "payment amount in EUR", "EUR")]
    [TestCase("tier", "payment attributes.tier", "as sent")]
    [TestCase("p", "quantile 0.9 by card and merchant in 24h, ending 7d before now, where channel in (\"atm\"), in EUR", "EUR")]
    [TestCase("decayed", "decayed_sum by card and merchant in 3h, half-life 90m, in EUR", "EUR")]
    [TestCase("same", "count_same of device by card and merchant in 30d, among 8 recent payments", "payments")]
    [TestCase("streak", "fraud_streak by card and merchant, among 8 recent payments, among 9 labels, legitimate after 45d", "payments")]
    [TestCase("tries", "attempts by card and merchant in 5m, among 5 attempts", "requests")]
    [TestCase("high", "greater(over = [ratio(amount = [payment amount in EUR], p = [quantile 0.9 by card and merchant in 24h, "
        + "ending 7d before now, where channel in (\"atm\"), in EUR])], 2.5)", "0/1")]
    public void Meaning_Feature_SaysAllThatDecidesItsValue(string name, string meaning, string unit)
    {
        var feature = Catalogue.Features[Catalogue.IndexOf(name)];
        Assert.That((feature.Meaning, feature.Unit), Is.EqualTo((meaning, unit)));
        Assert.That(feature.ErrorBound, Does.EndWith("."));
    }

    [Test]
    public void Features_Served_AreDescribed()
    {
        var catalogue = TestCatalogues.Served;
        Assert.That(catalogue.Features.Select(f => f.Meaning), Is.Unique.And.All.Not.Empty);
        Assert.That(catalogue.Features.Select(f => f.Unit), Is.All.Not.Empty);
        Assert.That(catalogue.Features.Select(f => f.ErrorBound), Is.All.Not.Empty);
        var count = catalogue.Features[catalogue.IndexOf("card_count_24h")];
        Assert.That((count.Entity, count.Aggregate, count.WindowMs, count.DelayMs),
            Is.EqualTo((0, "count", 86_400_000L, 0L)));
        Assert.That(count.ErrorBound, Is.EqualTo(
            "Exact while the 24 newest payments reach back 24h; "
            + "else off by at most the payments of the hour that the window's beginning cuts."));
        Assert.That(catalogue.Features[catalogue.IndexOf("amount")].Entity, Is.EqualTo(-1));
    }

    [Test]
    public void Read_FormulasOfFormulas_MeaningsStayShort()
    {
        string[] chain = [.. Enumerable.Range(1, 300)
            .Select(i => $$"""{"name": "f{{i}}", "text": "t", "formula": "max", "of": ["f{{i - 1}}", "f{{i - 1}}"]}""")];
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"]}""", ["""{"name": "f0", "text": "t", "payment": "amount"}""", .. chain]);
        Assert.That(catalogue.Features.Max(f => f.Meaning.Length), Is.LessThan(1_000));
        Assert.That(catalogue.Features.Select(f => f.Meaning), Is.Unique);
    }

    [Test]
    public void Faults_TextsReasonsAndNewFeatures_AreNone()
    {
        var after = Changed(c =>
        {
            c["features"]![0]!["text"] = "other";
            c["features"]![0]!["reason"] = "TRAVEL";
            c["features"]!.AsArray().Add(JsonNode.Parse("""{"name": "new", "text": "n", "formula": "log", "of": ["amount"]}"""));
        });
        Assert.That(FaultsOf(TestCatalogues.Served, after), Is.Empty);
        Assert.That(FaultsOf(after, TestCatalogues.Served), Is.Empty);
    }

    [Test]
    public void Faults_MeaningChanges_NamesTheFeatureAndAllThatUseIt()
    {
        var after = Changed(c => c["features"]!.AsArray().Single(f => (string)f!["name"]! == "card_mean_30d")!["window"] = "29d");
        var faults = FaultsOf(TestCatalogues.Served, after);
        var users = TestCatalogues.Served.Features
            .Where(f => f.Meaning.Contains("card_mean_30d", StringComparison.Ordinal)).Select(f => f.Index);
        Assert.That(faults.Select(f => f.Field), Is.EquivalentTo(
            users.Append(TestCatalogues.Served.IndexOf("card_mean_30d")).Select(i => $"$.features[{i}]")));
        Assert.That(faults.Select(f => f.Message), Has.Some.EqualTo(
            "changes the meaning of card_mean_30d from \"mean by card in 30d, in EUR\" to \"mean by card in 29d, in EUR\"; "
            + "add a feature with a new name instead"));
    }

    [Test]
    public void Faults_ReferenceCurrencyChanges_NamesWhatIsAboutAmounts()
    {
        var before = TestCatalogues.Json(
            """{"name": "card", "fields": ["card"]}""", TestCatalogues.Card("sum", "1h"), TestCatalogues.Card("count", "1h"),
            """
            {"name": "dear", "text": "t", "entity": "card", "aggregate": "count", "window": "1h",
             "filter": {"field": "amount", "at_least": 9}}
            """);
        var after = before.Replace("\"reference_currency\": \"EUR\"", "\"reference_currency\": \"USD\"", StringComparison.Ordinal)
            .Replace("\"USD\": 0.5", "\"USD\": 1", StringComparison.Ordinal);
        var faults = FaultsOf(
            TestCatalogues.Compile(Encoding.UTF8.GetBytes(before)), TestCatalogues.Compile(Encoding.UTF8.GetBytes(after)));
        Assert.That(faults.Select(f => f.Field), Is.EqualTo(new[] { "$.features[0]", "$.features[2]" }));
    }

    private static Faults FaultsOf(FeatureCatalogue before, FeatureCatalogue after)
    {
        var faults = new Faults();
        CatalogueChange.Check(before, after, faults);
        return faults;
    }

    [Test]
    public void States_Row_SaysWhatIsThereAndWhatIsLimited()
    {
        var profile = new EntityProfile(Catalogue.Entities[0]);
        var payment = TestPayments.Full("now", EventStreams.StartMs + 60_000);
        Assert.That(StatesOf(profile, payment), Is.EqualTo(new Dictionary<string, FeatureState>
        {
            ["amount"] = FeatureState.Present, ["tier"] = FeatureState.Absent, ["p"] = FeatureState.Absent,
            ["decayed"] = FeatureState.Present, ["same"] = FeatureState.Present, ["streak"] = FeatureState.Present,
            ["tries"] = FeatureState.Absent, ["over"] = FeatureState.Absent, ["high"] = FeatureState.Absent,
        }));
        for (var i = 1; i <= 8; i++)
        {
            var event1 = ProfileEvent.Create(Catalogue.Entities[0], TestPayments.Full($"t{i}", EventStreams.StartMs + i), 100);
            profile.Add(event1);
            profile.Labels.Add(new ProfileLabel(event1.Id, EventStreams.StartMs + 50, true));
            profile.Attempts.Add(EventStreams.StartMs + i, (ulong)i);
        }
        var states = StatesOf(profile, payment);
        string[] limited = ["same", "streak", "tries"];
        Assert.That(limited.Select(name => states[name]), Is.All.EqualTo(FeatureState.Saturated));
        Assert.That(states.Where(s => s.Value == FeatureState.Saturated).Select(s => s.Key), Is.EquivalentTo(limited));
    }

    [Test]
    public void States_FormulaOfALimitedFeature_IsLimitedToo()
    {
        var catalogue = TestCatalogues.Create(
            """{"name": "card", "fields": ["card"], "recent": 1}""", TestCatalogues.Card("count_same", "1h", "device"),
            """{"name": "f", "text": "t", "formula": "log", "of": ["g"]}""",
            """{"name": "g", "text": "t", "formula": "less", "of": ["count_same_device_1h", 3]}""");
        var profile = new EntityProfile(catalogue.Entities[0]);
        profile.Add(ProfileEvent.Create(catalogue.Entities[0], TestPayments.Full("t", 1), 100));
        Assert.That(StatesOf(profile, TestPayments.Full("now", 2), catalogue).Values, Is.All.EqualTo(FeatureState.Saturated));
        Assert.That(StatesOf(profile, TestPayments.Full("now", 3_600_002), catalogue).Values, Is.All.EqualTo(FeatureState.Present));
    }

    [Test]
    public void Markdown_Served_IsTheFileInTheRepository() => Assert.That(
        File.ReadAllText(RepositoryFiles.Path("models", "FEATURES.md")), Is.EqualTo(CatalogueDocument.Markdown(TestCatalogues.Served)),
        "update it: dotnet run --project src/FraudScoring.Training -- features document");

    [Test]
    public void Markdown_Catalogue_HasATablePerEntityAndARowPerFeature()
    {
        var lines = CatalogueDocument.Markdown(Catalogue).Split('\n');
        Assert.That(lines.Where(l => l.StartsWith("## ", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "## Payment", "## pair", "## Formulas" }));
        Assert.That(Catalogue.Features.Select(f => lines.Count(l => l.StartsWith($"| `{f.Name}` |", StringComparison.Ordinal))),
            Is.All.EqualTo(1));
        Assert.That(lines, Has.One.StartsWith("| `amount` | t | `payment amount in EUR` | EUR |  | Exact. | A reason |"));
        Assert.That(lines, Has.One.StartsWith("| `over` | t | `ratio(amount, p)` | ratio |  | That of its arguments. |  |"));
        Assert.That(lines, Has.One.Contains("| `p` | p \\| q |").And.One.Contains("| EUR | 24h, ending 7d ago |"));
    }

    private static Dictionary<string, FeatureState> StatesOf(
        EntityProfile profile, FraudScoring.Core.Payments.Payment payment, FeatureCatalogue? other = null)
    {
        var catalogue = other ?? Catalogue;
        var (row, states) = (new float[catalogue.Features.Count], new FeatureState[catalogue.Features.Count]);
        FeatureBuilder.Fill(catalogue, payment, 100, [profile], row);
        FeatureStates.Fill(catalogue, [profile], row, payment.EventTimeMs, states);
        return catalogue.Features.ToDictionary(f => f.Name, f => states[f.Index]);
    }

    private static FeatureCatalogue Changed(Action<JsonNode> change)
    {
        var json = JsonNode.Parse(TestCatalogues.ServedJson)!;
        change(json);
        return TestCatalogues.Compile(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}
