using System.Globalization;
using FraudScoring.V1;
using Channel = FraudScoring.Core.Payments.Channel;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Collects what the replay needs to know about a log in advance: the number of payments to score, and unseen values.</summary>
/// <param name="fromMs">Start of the scored period, in milliseconds since the Unix epoch.</param>
internal sealed class LogSurvey(long fromMs)
{
    // User-assigned codes of ISO 3166-1, which will never be assigned to a country.
    private static readonly string[] NoCountries = ["ZZ", "XX", "QZ", "QY", "QX", "QW"];

    private readonly HashSet<string> _countries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _categories = new(StringComparer.Ordinal);
    private readonly HashSet<int> _channels = [];
    private readonly Dictionary<long, int> _payments = [];

    /// <summary>Number of payments in the scored period, whose end is known only after the log was read.</summary>
    /// <param name="endMs">Its end, exclusive and the end of a day, milliseconds since the Unix epoch.</param>
    public int PaymentsUntil(long endMs) => _payments.Where(day => day.Key * Days.Milliseconds < endMs).Sum(day => day.Value);

    /// <summary>A country code that the log does not contain, or null.</summary>
    public string? UnseenCountry => NoCountries.FirstOrDefault(country => !_countries.Contains(country));

    /// <summary>The lowest merchant category that the log does not contain, or 0.</summary>
    public int UnseenCategory => Enumerable.Range(1, 9999)
        .FirstOrDefault(category => !_categories.Contains(category.ToString("0000", CultureInfo.InvariantCulture)));

    /// <summary>The first channel that the log does not contain, or null.</summary>
    public Channel? UnseenChannel =>
        Enum.GetValues<Channel>().Cast<Channel?>().FirstOrDefault(channel => !_channels.Contains((int)channel!));

    /// <summary>Returns the records unchanged and surveys them as they are enumerated, so that the log is read only once.</summary>
    public IEnumerable<EventLogRecord> Watch(IEnumerable<EventLogRecord> records)
    {
        foreach (var record in records)
        {
            if (record.EventCase == EventLogRecord.EventOneofCase.Transaction && record.Transaction.Payment is { } payment)
            {
                _countries.Add(payment.Country);
                _categories.Add(payment.MerchantCategory);
                _channels.Add((int)payment.Channel);
                if (payment.EventTime?.ToDateTimeOffset().ToUnixTimeMilliseconds() is { } time && time >= fromMs)
                {
                    _payments[time / Days.Milliseconds] = _payments.GetValueOrDefault(time / Days.Milliseconds) + 1;
                }
            }
            yield return record;
        }
    }
}
