using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Tests.Training.Export;

namespace FraudScoring.Tests.Core.Features;

/// <summary>
/// Rows of features compared with windows computed by pandas over 12,000 events that arrive late, out of order and twice. Each payment is
/// queried once all earlier events have arrived, when later ones have arrived too.
/// </summary>
[Parallelizable]
public sealed class WindowFilesOracleTests
{
    private static readonly string[] Windows = ["5m", "1h", "24h", "7d", "30d"];
    private static readonly (string Aggregate, string Column)[] Aggregates =
        [("count", "count"), ("sum", "sum"), ("mean", "mean"), ("deviation", "std_pop"), ("min", "min"), ("max", "max"),
            ("distinct_merchant", "distinct_merchants")];

    private static readonly FeatureCatalogue Catalogue = TestCatalogues.Create(
        """{"name": "card", "fields": ["card"], "recent": 256}""",
        [
            .. from window in Windows from a in Aggregates[..6] select TestCatalogues.Card(a.Aggregate, window),
            .. Windows.Select(window => TestCatalogues.Card("distinct", window, "merchant")),
            TestCatalogues.Card("count_same", "30d", "merchant"), TestCatalogues.Card("time_since_last"),
        ]);

    private readonly Dictionary<string, (EntityProfile Profile, RawHistory Truth)> _cards = [];
    private readonly float[] _row = new float[Catalogue.Features.Count];
    private int _exact, _bounded;

    [Test]
    public void Fill_EventsLateTwiceAndOutOfOrder_AgreesWithTheOracle()
    {
        var arrivals = Read("windows/events.csv").ToList();
        var queries = Read("windows/expected.csv").ToDictionary(q => q["transaction"]);
        var lastOf = LastArrivalBefore(arrivals, queries.Values);
        var seen = new HashSet<string>();
        for (var i = 0; i < arrivals.Count; i++)
        {
            var payment = PaymentOf(arrivals[i]);
            if (seen.Add(payment.TransactionId))
            {
                Take(payment);
            }
            foreach (var query in lastOf[i])
            {
                Check(PaymentOf(arrivals.First(a => a["transaction"] == query["transaction"])), query);
            }
        }
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_exact} windows exact, {_bounded} within the bound; "
                + $"{_cards.Values.Count(c => c.Truth.Events.Count > 256)} of {_cards.Count} cards have more than 256 events"));
        Assert.That(seen, Has.Count.EqualTo(12_000));
        Assert.That(_exact + _bounded, Is.EqualTo(1_500 * Windows.Length));
        Assert.That(_exact, Is.GreaterThan(6_000));
    }

    /// <summary>
    /// For each arrival, the queries whose history is complete with it. Queries without history belong to the first arrival.
    /// </summary>
    private static ILookup<int, Dictionary<string, string>> LastArrivalBefore(
        List<Dictionary<string, string>> arrivals, IEnumerable<Dictionary<string, string>> queries)
    {
        var byCard = arrivals.Select((a, i) =>
            (Card: a["card"], Time: long.Parse(a["event_time_ms"], CultureInfo.InvariantCulture), Index: i)).ToLookup(a => a.Card);
        return queries.ToLookup(q =>
        {
            var time = long.Parse(q["event_time_ms"], CultureInfo.InvariantCulture);
            return byCard[q["card"]].Where(a => a.Time < time).Select(a => a.Index).DefaultIfEmpty(0).Max();
        });
    }

    private void Take(Payment payment)
    {
        if (!_cards.TryGetValue(payment.Card, out var card))
        {
            _cards.Add(payment.Card, card = (new EntityProfile(Catalogue.Entities[0]), new RawHistory(Catalogue.Entities[0])));
        }
        var taken = ProfileEvent.Create(Catalogue.Entities[0], payment, payment.AmountMinor);
        Assert.That(card.Profile.Add(taken), Is.True);
        card.Truth.Add(taken);
    }

    private void Check(Payment payment, Dictionary<string, string> expected)
    {
        var (profile, truth) = _cards[payment.Card];
        FeatureBuilder.Fill(Catalogue, payment, payment.AmountMinor, [profile], _row);
        foreach (var window in Catalogue.Entities[0].Windows)
        {
            var name = Windows.Single(w => Duration.TryParse(w, out var ms) && ms == window.LengthMs);
            CheckWindow(truth, window, name, payment, expected);
        }
        var since = payment.EventTimeMs - Catalogue.Entities[0].RetentionMs;
        if (truth.Recent()[0].TimeMs < payment.EventTimeMs)
        {
            Assert.That(ValueOf("time_since_last"), Is.EqualTo(Number(expected["ms_since_last"]) / 1000).Within(1e-5).Percent);
        }
        if (truth.IsExact(since, payment.EventTimeMs))
        {
            Assert.That(ValueOf("count_same_merchant_30d") > 0, Is.EqualTo(expected["same_merchant_before_30d"] == "1"));
        }
    }

    private void CheckWindow(RawHistory truth, EventWindow window, string name, Payment payment, Dictionary<string, string> expected)
    {
        var doubtful = truth.Uncertain(window, payment.EventTimeMs);
        if (doubtful.Length > 0)
        {
            _bounded++;
            Assert.That(ValueOf($"count_{name}"), Is.EqualTo(Number(expected[$"count_{name}"])).Within(doubtful.Length + 0.01));
            var most = (doubtful.Sum(e => e.Amount) / 100.0) + 0.5;
            Assert.That(ValueOf($"sum_{name}"), Is.EqualTo(Number(expected[$"sum_{name}"])).Within(most));
            return;
        }
        _exact++;
        var distinctIsExact = truth.IsExact(payment.EventTimeMs - window.LengthMs, payment.EventTimeMs);
        foreach (var (aggregate, column) in Aggregates)
        {
            var (actual, wanted) = (ValueOf($"{aggregate}_{name}"), Number(expected[$"{column}_{name}"]));
            // Rows are floats: half a unit in the last place is 6e-8. The sketch of up to 40 merchants has a tolerance of four standard
            // errors.
            var within = aggregate == "distinct_merchant" && !distinctIsExact ? 0.52 * Math.Max(wanted, 1)
                : 1e-7 * Math.Max(1, Math.Abs(wanted));
            Assert.That(actual, double.IsNaN(wanted) ? Is.NaN : Is.EqualTo(wanted).Within(within),
                $"{aggregate}_{name} of {payment.TransactionId}");
        }
    }

    private double ValueOf(string feature) => _row[Catalogue.IndexOf(feature)];

    private static Payment PaymentOf(Dictionary<string, string> row)
    {
        Currency.TryGet("EUR", out var euro);
        Assert.That(DecimalAmount.Parse(Padded(row["amount"]), euro, out var minor), Is.Null);
        return TestPayments.Create(row["transaction"], long.Parse(row["event_time_ms"], CultureInfo.InvariantCulture), minor, row["card"],
            row["merchant"]);
    }

    private static string Padded(string amount) => decimal.Parse(amount, CultureInfo.InvariantCulture)
        .ToString("F2", CultureInfo.InvariantCulture);

    private static double Number(string cell) => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture);

    private static IEnumerable<Dictionary<string, string>> Read(string name)
    {
        var lines = File.ReadAllLines(OracleFiles.Path(name));
        var columns = lines[0].Split(',');
        return lines.Skip(1).Select(line => columns.Zip(line.Split(',')).ToDictionary(c => c.First, c => c.Second));
    }
}
