using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>
/// One split of the Handbook's protocol: a week to learn from, a week of delay, a week of test. Days are counted from the Unix epoch.
/// </summary>
/// <param name="TestDay">First day of the test.</param>
internal sealed record ProtocolFold(int TestDay)
{
    /// <summary>Days of each part: of training, of delay, and of test.</summary>
    public const int Week = 7;


    /// <summary>First day of the delay: nothing from it on is learned from.</summary>
    public int DelayDay => TestDay - Week;

    /// <summary>First day of the protocol's own training week, by which the test's known cards go whatever is trained on.</summary>
    public int WeekDay => DelayDay - Week;

    /// <summary>The day behind the test.</summary>
    public int EndDay => TestDay + Week;

    /// <summary>Where the test begins, milliseconds since the Unix epoch.</summary>
    public long TestMs => TestDay * MillisecondsPer.Day;

    /// <summary>First day that is learned from, when so many days are.</summary>
    public int TrainDay(int days) => DelayDay - days;

    /// <summary>
    /// True for a payment to learn from: made before the delay, and what it was is known before the test begins.
    /// </summary>
    /// <param name="timeMs">When it was made.</param>
    /// <param name="days">Days to learn from.</param>
    /// <param name="labelDelayMs">How long after a payment it becomes known what it was.</param>
    public bool LearnsFrom(long timeMs, int days, long labelDelayMs) =>
        timeMs >= TrainDay(days) * MillisecondsPer.Day && timeMs < DelayDay * MillisecondsPer.Day && timeMs + labelDelayMs < TestMs;

    /// <summary>The day of a time.</summary>
    public static int DayOf(long timeMs) => (int)Math.Floor(timeMs / (double)MillisecondsPer.Day);

    /// <summary>The day of a date.</summary>
    public static int DayOf(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>The date of a day, such as 2018-08-08.</summary>
    public static string Date(int day) =>
        DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
