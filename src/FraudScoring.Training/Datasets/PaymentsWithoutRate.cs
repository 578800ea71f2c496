using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.V1;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Counts the payments of a log whose currency has no exchange rate at their time. They are replayed like all others, with an unknown
/// amount.
/// </summary>
internal sealed class PaymentsWithoutRate(ExchangeRates rates)
{
    private readonly SortedDictionary<string, long> _byCurrency = new(StringComparer.Ordinal);

    /// <summary>Number of payments by currency (ISO 4217).</summary>
    public IReadOnlyDictionary<string, long> ByCurrency => _byCurrency;

    /// <summary>Passes records through and counts.</summary>
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
        if (record.Transaction?.Payment is { EventTime: { } time } payment
            && !rates.HasRate(payment.Currency, time.ToDateTimeOffset().ToUnixTimeMilliseconds()))
        {
            _byCurrency[payment.Currency] = _byCurrency.GetValueOrDefault(payment.Currency) + 1;
        }
    }

    /// <summary>A warning about such payments; null if there are none.</summary>
    public static string? Warning(IReadOnlyDictionary<string, long> byCurrency)
    {
        var counts = byCurrency.Select(known => string.Create(CultureInfo.InvariantCulture, $"{known.Key} {known.Value:#,0}"));
        return byCurrency.Count == 0 ? null
            : $"payments in currencies without an exchange rate at their time: {string.Join(", ", counts)}; "
                + "features and thresholds do not know their amounts; add the rates to rates.json";
    }
}
