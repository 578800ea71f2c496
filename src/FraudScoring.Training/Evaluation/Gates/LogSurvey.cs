using System.Globalization;
using FraudScoring.V1;
using Channel = FraudScoring.Core.Payments.Channel;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>What must be known of a log before it is replayed: how many payments will be scored, and which categories it never saw.</summary>
/// <param name="fromMs">Payments from this time on are scored.</param>
internal sealed class LogSurvey(long fromMs)
{
    // Codes that ISO 3166-1 leaves to its users: no country will ever have them.
    private static readonly string[] NoCountries = ["ZZ", "XX", "QZ", "QY", "QX", "QW"];

    private readonly HashSet<string> _countries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _categories = new(StringComparer.Ordinal);
    private readonly HashSet<int> _channels = [];

    /// <summary>How many payments will be scored.</summary>
    public int Payments { get; private set; }

    /// <summary>A country the log does not have, or null.</summary>
    public string? UnseenCountry => NoCountries.FirstOrDefault(country => !_countries.Contains(country));

    /// <summary>The lowest merchant category the log does not have, or 0.</summary>
    public int UnseenCategory => Enumerable.Range(1, 9999)
        .FirstOrDefault(category => !_categories.Contains(category.ToString("0000", CultureInfo.InvariantCulture)));

    /// <summary>The first channel the log does not have, or null.</summary>
    public Channel? UnseenChannel => Enum.GetValues<Channel>().Cast<Channel?>().FirstOrDefault(channel => !_channels.Contains((int)channel!));

    /// <summary>The records as they are, looked at while they pass.</summary>
    public IEnumerable<EventLogRecord> Watch(IEnumerable<EventLogRecord> records)
    {
        foreach (var record in records)
        {
            if (record.EventCase == EventLogRecord.EventOneofCase.Transaction && record.Transaction.Payment is { } payment)
            {
                _countries.Add(payment.Country);
                _categories.Add(payment.MerchantCategory);
                _channels.Add((int)payment.Channel);
                Payments += payment.EventTime?.ToDateTimeOffset().ToUnixTimeMilliseconds() >= fromMs ? 1 : 0;
            }
            yield return record;
        }
    }
}
