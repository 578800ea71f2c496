namespace FraudScoring.Training.Quality;

/// <summary>Payments and frauds by day, in bounded memory.</summary>
internal sealed class DayCounts
{
    /// <summary>Number of different days that are counted; 27 years.</summary>
    public const int MostDays = 10_000;

    private readonly Dictionary<long, (long Payments, long Frauds)> _days = [];

    /// <summary>Number of payments of further days.</summary>
    public long Left { get; private set; }

    /// <summary>The days with payments, in order.</summary>
    public IReadOnlyList<DayCount> Days =>
        [.. _days.OrderBy(day => day.Key).Select(day => new DayCount(day.Key, day.Value.Payments, day.Value.Frauds))];

    /// <summary>Counts a payment.</summary>
    /// <param name="day">Its day since the Unix epoch.</param>
    public void AddPayment(long day)
    {
        if (!_days.TryGetValue(day, out var counts) && _days.Count == MostDays)
        {
            Left++;
            return;
        }
        _days[day] = (counts.Payments + 1, counts.Frauds);
    }

    /// <summary>Counts a fraud that became known, or takes one back.</summary>
    /// <param name="day">Day of its payment since the Unix epoch.</param>
    /// <param name="change">1 or -1.</param>
    public void AddFraud(long day, int change)
    {
        if (_days.TryGetValue(day, out var counts))
        {
            _days[day] = (counts.Payments, counts.Frauds + change);
        }
    }
}

/// <summary>The payments of a day.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="Payments">Number of payments.</param>
/// <param name="Frauds">Number of these that are labelled fraud.</param>
internal readonly record struct DayCount(long Day, long Payments, long Frauds);
