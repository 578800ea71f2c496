using System.Text;
using System.Text.RegularExpressions;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>The table of aggregates: each entry is complete, documented and correct.</summary>
public sealed class AggregatesTests
{
    private const long Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;
    private const string AllMembers =
        """
        {"window": "7d", "delay": "1d", "value": "merchant", "filter": {"field": "channel", "in": ["atm"]},
         "quantile": 0.9, "half_life": "6h", "times": 2}
        """;

    private static readonly IReadOnlyDictionary<string, string> Values = System.Text.Json.JsonDocument.Parse(AllMembers).RootElement
        .EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());

    private static IEnumerable<string> Names => Aggregates.All.Select(a => a.Name);

    [Test]
    public void All_Names_AreUnique() => Assert.That(Names, Is.Unique.And.All.Matches("^[a-z]+(_[a-z]+)*$"));

    [Test]
    public void All_Entries_HaveADefinitionToBeHeldAgainst() => Assert.That(AggregateTruth.Definitions.Keys, Is.EquivalentTo(Names));

    [TestCaseSource(nameof(Names))]
    public void Entry_Columns_AreAllFilled(string name)
    {
        var entry = Entry(name);
        Assert.That(entry.Text, Does.EndWith(".").And.Length.GreaterThan(20));
        Assert.That(entry.Unit, Is.Null.Or.Not.Empty);
        Assert.That(entry.Takes(AggregateMembers.Delay), Is.EqualTo(entry.IsOverPaymentTime || entry.IsOverLabelTime),
            "windows that may end before now");
        Assert.That(entry.Tiles, entry.Source == AggregateSource.Payments ? Is.Not.Null : Is.EqualTo(TileContents.None),
            "only they read tiles");
        Assert.That(entry.ErrorBound, Is.Not.Null);
        Assert.That(entry.Evaluate, Is.Not.Null);
    }

    [TestCaseSource(nameof(Names))]
    public void Entry_Name_StandsInTheReadmeOfTheLanguage(string name)
    {
        var readme = File.ReadAllText(RepositoryFiles.Path("models", "README.md"));
        var language = readme[readme.IndexOf("A catalogue may use", StringComparison.Ordinal)..];
        language = language[..language.IndexOf("- **formulas**", StringComparison.Ordinal)];
        Assert.That(Regex.IsMatch(language, $@"\b(?<!_){name}\b"), Is.True);
    }

    [TestCaseSource(nameof(Names))]
    public void Read_JustItsMembers_IsDescribedByTheEntry(string name)
    {
        var feature = Catalogue(name).Features[0];
        var entry = Entry(name);
        Assert.That((feature.Aggregate, feature.Unit), Is.EqualTo((name, entry.Unit ?? "EUR")));
        Assert.That(feature.Meaning, Does.StartWith(name + " "));
        Assert.That(feature.ErrorBound, Does.StartWith("Exact").And.EndsWith("."));
    }

    [TestCaseSource(nameof(Names))]
    public void Read_MemberItDoesNotTake_IsRefused(string name)
    {
        foreach (var member in Values.Keys.Except(MembersOf(name)))
        {
            var faults = TestCatalogues.FaultsOf(Json(name, [.. MembersOf(name), member])).Select(fault => fault.ToString());
            Assert.That(faults, Has.Some.StartsWith($"$.features[0].{member}: has no effect"));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Fill_AnyHistory_AgreesWithTheDefinition(string name)
    {
        var catalogue = Catalogue(name);
        var row = new float[2];
        var (present, distinct) = (0, new HashSet<float>());
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var payments = Draw(random, random.Next(1, 60));
            // Several labels of most payments: repeated, corrected, and late.
            var labels = payments.SelectMany(p => Enumerable.Range(0, random.Next(4)).Select(_ => Label(random, p))).ToArray();
            var now = Draw(random, "now", payments.Max(p => p.EventTimeMs) + random.NextInt64(4 * Day), located: true);
            Payment[] requests =
            [
                .. payments, now,
                .. Enumerable.Range(0, random.Next(8)).Select(i => Draw(random, $"asked{i}", now.EventTimeMs - random.NextInt64(2 * Hour))),
            ];
            var profile = Profile(catalogue.Entities[0], payments, labels, requests);
            FeatureBuilder.Fill(catalogue, now, AmountOf(now), [profile], row);
            var expected = AggregateTruth.Definitions[name](new AggregateTruth(now, payments, labels, requests));
            Assert.That(row[0], double.IsNaN(expected) ? Is.NaN : Is.EqualTo(expected).Within(1e-4 + (1e-5 * Math.Abs(expected))),
                $"seed {seed}");
            present += float.IsNaN(row[0]) ? 0 : 1;
            distinct.Add(row[0]);
        }
        TestContext.Out.WriteLine($"{present} present, {distinct.Count} different");
        Assert.That(present, Is.GreaterThan(50), "values that are present");
        Assert.That(distinct, Has.Count.GreaterThan(4), "distinct values");
    }

    private static Aggregate Entry(string name) => Array.Find(Aggregates.All, a => a.Name == name)!;

    private static IEnumerable<string> MembersOf(string name) => Enum.GetValues<AggregateMembers>()
        .Where(member => Entry(name).Takes(member)).Select(SnakeCase.Convert);

    private static FeatureCatalogue Catalogue(string name) => TestCatalogues.Compile(Encoding.UTF8.GetBytes(Json(name, MembersOf(name))));

    private static string Json(string name, IEnumerable<string> members)
    {
        var window = Entry(name).Source == AggregateSource.Attempts ? "\"1h\"" : Values["window"];
        var given = members.Select(member => $", \"{member}\": {(member == "window" ? window : Values[member])}");
        return TestCatalogues.Json(
            """{"name": "card", "fields": ["card"], "recent": 256, "labels": 256, "attempts": 255}""",
            $$"""{"name": "f", "text": "t", "entity": "card", "aggregate": "{{name}}"{{string.Concat(given)}}}""",
            // With a streak next to it, all payments are recent enough to be kept individually: every value is exact.
            """{"name": "g", "text": "t", "entity": "card", "aggregate": "fraud_streak"}""")
                .Replace("\"entities\"", "\"maturity\": \"20d\", \"entities\"", StringComparison.Ordinal);
    }

    private static long AmountOf(Payment payment) =>
        payment.Currency == AggregateTruth.WithoutRate ? DecimalAmount.Unknown : payment.AmountMinor;

    private static EntityProfile Profile(EntityPlan plan, Payment[] payments, Label[] labels, Payment[] requests)
    {
        var profile = EntityProfileTests.Fill(
            new EntityProfile(plan), [.. payments.Select(p => ProfileEvent.Create(plan, p, AmountOf(p)))],
            [.. labels.Select(l => new ProfileLabel(ProfileEvent.IdOf(l.TransactionId), l.LabelTimeMs, l.Fraud))]);
        profile.Attempts.Read([]);
        foreach (var request in requests)
        {
            profile.Attempts.Add(request.EventTimeMs, ProfileEvent.IdOf(request.TransactionId));
        }
        return profile;
    }

    private static Payment[] Draw(Random random, int count)
    {
        var time = EventStreams.StartMs;
        return [.. Enumerable.Range(0, count).Select(i =>
            Draw(random, $"t{i}", time += 1 + random.NextInt64(random.Next(2) == 0 ? Hour : Day), random.Next(3) > 0))];
    }

    private static Payment Draw(Random random, string id, long time, bool located = false) => new()
    {
        TransactionId = id, EventTimeMs = time, AmountMinor = 1 + (long)Math.Pow(10, random.NextDouble() * 6),
        // One in six is in a currency without a rate.
        Currency = random.Next(6) == 0 ? AggregateTruth.WithoutRate : TestPayments.Euro,
        Card = "card",
        Merchant = $"m{random.Next(6)}", Channel = random.Next(3) > 0 ? Channel.Atm : Channel.Ecommerce,
        Latitude = located ? Math.Round((random.NextDouble() * 170) - 85, 4) : double.NaN,
        Longitude = located ? Math.Round((random.NextDouble() * 358) - 179, 4) : double.NaN,
    };

    private static Label Label(Random random, Payment payment) => new()
    {
        TransactionId = payment.TransactionId, EventTimeMs = payment.EventTimeMs, Fraud = random.Next(2) == 0,
        LabelTimeMs = payment.EventTimeMs + random.NextInt64(10 * Day),
    };
}
