using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Payment = FraudScoring.V1.Payment;

namespace FraudScoring.Training.Quality;

/// <summary>
/// Collects the quality statistics of an event log while it is read or written for another purpose: a sample of the payments, repeated
/// transaction ids and label delays.
/// </summary>
/// <param name="rates">The exchange rates, to count payments in currencies without one; null to count none.</param>
/// <param name="findsRepeated">True to find repeated transaction ids, by keeping a 64-bit hash of every id.</param>
internal sealed class LogQuality(ExchangeRates? rates = null, bool findsRepeated = true)
{
    private const int Sampled = 100_000, MostEntities = 50_000;
    private readonly ThinnedList<Payment> _payments = new(Sampled);
    private readonly ThinnedList<double> _delays = new(Sampled);
    private readonly HashSet<ulong> _ids = [];
    private readonly HashSet<ulong> _frauds = [];
    private readonly PaymentsWithoutRate? _withoutRate = rates is null ? null : new PaymentsWithoutRate(rates);
    private readonly DayCounts _days = new();
    private readonly (string Name, Func<Payment, string> Of, EntitySizes Sizes)[] _entities =
    [
        ("card", payment => payment.CardToken, new(MostEntities)), ("account", payment => payment.AccountToken, new(MostEntities)),
        ("device", payment => payment.DeviceToken, new(MostEntities)), ("IP address", payment => payment.IpAddress, new(MostEntities)),
        ("merchant", payment => payment.MerchantId, new(MostEntities)),
    ];

    private long _firstSecond = long.MaxValue, _lastSecond = long.MinValue;

    public long Payments => _payments.Count;

    /// <summary>Number of payments whose transaction id an earlier payment has.</summary>
    public long Repeated { get; private set; }

    public long Labels => _delays.Count;

    /// <summary>Time from the first payment to the last, in days; 0 without payments.</summary>
    public double Days => Payments == 0 ? 0 : (_lastSecond - _firstSecond) / (double)SecondsPer.Day;

    /// <summary>Number of payments without an exchange rate by currency (ISO 4217); null if there are none, or none are counted.</summary>
    public IReadOnlyDictionary<string, long>? WithoutRate => _withoutRate?.ByCurrency is { Count: > 0 } counts ? counts : null;

    /// <summary>Number of payments labelled fraud by the end of the log.</summary>
    public int Frauds => _frauds.Count;

    /// <summary>An even sample of the label delays, in hours.</summary>
    public IReadOnlyList<double> DelayHours => _delays.Items;

    /// <summary>True for each payment of the sample that is a fraud.</summary>
    public bool[] SampledFrauds => [.. _payments.Items.Select(payment => _frauds.Contains(StableHash.Compute(payment.TransactionId)))];

    /// <summary>Passes records through and collects their statistics.</summary>
    public IEnumerable<EventLogRecord> Watch(IEnumerable<EventLogRecord> records)
    {
        foreach (var record in records)
        {
            See(record);
            yield return record;
        }
    }

    public void See(EventLogRecord record)
    {
        if (record.EventCase == EventLogRecord.EventOneofCase.Transaction)
        {
            var second = record.Transaction.Payment.EventTime?.Seconds ?? 0;
            (_firstSecond, _lastSecond) = (Math.Min(_firstSecond, second), Math.Max(_lastSecond, second));
            _withoutRate?.See(record);
            _payments.Add(record.Transaction.Payment);
            _days.AddPayment(DayOf(second));
            foreach (var (_, of, sizes) in _entities)
            {
                if (of(record.Transaction.Payment) is { Length: > 0 } entity)
                {
                    sizes.Add(StableHash.Compute(entity));
                }
            }
            Repeated += findsRepeated && !_ids.Add(StableHash.Compute(record.Transaction.Payment.TransactionId)) ? 1 : 0;
            return;
        }
        var (label, id) = (record.Label, StableHash.Compute(record.Label.TransactionId));
        _delays.Add(((label.LabelTime?.Seconds ?? 0) - (label.EventTime?.Seconds ?? 0)) / (double)SecondsPer.Hour);
        if (label.Fraud ? _frauds.Add(id) : _frauds.Remove(id))
        {
            _days.AddFraud(DayOf(label.EventTime?.Seconds ?? 0), label.Fraud ? 1 : -1);
        }
    }

    /// <summary>The fields of the sampled payments, as columns.</summary>
    public IEnumerable<QualityColumn> Columns()
    {
        var payments = _payments.Items;
        QualityColumn Numbers(string name, Func<Payment, double> of) => new($"payment.{name}", [.. payments.Select(of)], ColumnKind.Number);
        QualityColumn Texts(string name, Func<Payment, string?> of, ColumnKind kind) =>
            QualityColumn.OfTexts($"payment.{name}", payments.Select(of), kind);
        yield return Numbers("amount", payment => NumberOf(payment.Amount));
        yield return Numbers("hour_of_day", payment => (payment.EventTime?.Seconds ?? 0) / SecondsPer.Hour % 24);
        yield return Numbers("latitude", payment => payment.Location?.Latitude ?? double.NaN);
        yield return Numbers("longitude", payment => payment.Location?.Longitude ?? double.NaN);
        yield return Texts("currency", payment => payment.Currency, ColumnKind.Category);
        yield return Texts("channel", payment => payment.Channel.ToString(), ColumnKind.Category);
        yield return Texts("country", payment => payment.Country, ColumnKind.Category);
        yield return Texts("merchant_category", payment => payment.MerchantCategory, ColumnKind.Category);
        yield return Texts("card", payment => payment.CardToken, ColumnKind.Identifier);
        yield return Texts("account", payment => payment.AccountToken, ColumnKind.Identifier);
        yield return Texts("device", payment => payment.DeviceToken, ColumnKind.Identifier);
        yield return Texts("ip_address", payment => payment.IpAddress, ColumnKind.Identifier);
        yield return Texts("merchant", payment => payment.MerchantId, ColumnKind.Identifier);
        foreach (var name in payments.SelectMany(payment => payment.Attributes.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            AttributeValue? AttributeOf(Payment payment) => payment.Attributes.GetValueOrDefault(name);
            yield return payments.Any(payment => AttributeOf(payment) is { ValueCase: AttributeValue.ValueOneofCase.Text })
                ? Texts($"attributes.{name}", payment => AttributeOf(payment)?.Text, ColumnKind.Category)
                : Numbers($"attributes.{name}", payment => AttributeOf(payment) switch
                {
                    null => double.NaN,
                    { HasFlag: true } value => value.Flag ? 1 : 0,
                    var value => value.Number,
                });
        }
    }

    /// <summary>The identifiers and text attributes of the sampled payments.</summary>
    public IEnumerable<IdentifierColumn> Identifiers()
    {
        var payments = _payments.Items;
        IdentifierColumn Column(string name, IdentifierRole role, Func<Payment, string?> of) =>
            new($"payment.{name}", role, [.. payments.Select(of)]);
        yield return Column("card", IdentifierRole.Payer, payment => payment.CardToken);
        yield return Column("account", IdentifierRole.Payer, payment => payment.AccountToken);
        yield return Column("device", IdentifierRole.Device, payment => payment.DeviceToken);
        yield return Column("merchant", IdentifierRole.Other, payment => payment.MerchantId);
        foreach (var name in payments.SelectMany(payment => payment.Attributes.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            yield return Column($"attributes.{name}", IdentifierRole.Other, payment => payment.Attributes.GetValueOrDefault(name)?.Text);
        }
    }

    /// <summary>How the log is distributed.</summary>
    public LogShape Shape() => new(
        _days.Days, _days.Left, _delays.Items, [.. _payments.Items.Select(payment => NumberOf(payment.Amount)).Where(double.IsFinite)],
        _payments.Items.Select(payment => payment.Currency).Distinct().Count(),
        [.. _entities.Where(kind => kind.Sizes.Entities > 0).Select(kind => new EntityShape(
            kind.Name, kind.Sizes.Entities, kind.Sizes.IsComplete, kind.Sizes.Sizes, LargestShare(kind.Of)))]);

    private double LargestShare(Func<Payment, string> of) => _payments.Items.GroupBy(of, StringComparer.Ordinal)
        .Where(group => group.Key.Length > 0).Select(group => group.Count()).DefaultIfEmpty().Max() / (double)_payments.Items.Count;

    private static long DayOf(long second) => (long)Math.Floor(second / (double)SecondsPer.Day);

    private static double NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
