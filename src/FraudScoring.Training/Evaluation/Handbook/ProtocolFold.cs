using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>
/// One split of the Handbook's protocol: a training week, a delay week and a test week. Days are counted from the Unix epoch.
/// </summary>
/// <remarks>
/// The delay week keeps payments out of training whose frauds would not have been discovered by the first day of the test. More training
/// days extend the split into the past only; the delay and test weeks never move.
/// </remarks>
/// <param name="TestDay">First day of the test week.</param>
internal sealed record ProtocolFold(int TestDay)
{
    /// <summary>Days of each part of a split.</summary>
    public const int Week = 7;

    /// <summary>First day of the delay week; training ends before it.</summary>
    public int DelayDay => TestDay - Week;

    /// <summary>First day of the protocol's own training week. <see cref="KnownCards"/> uses it however many days are trained on.</summary>
    public int WeekDay => DelayDay - Week;

    /// <summary>The day after the test week.</summary>
    public int EndDay => TestDay + Week;

    /// <summary>Start of the test, in milliseconds since the Unix epoch.</summary>
    public long TestMs => TestDay * MillisecondsPer.Day;

    /// <summary>First training day, for the given number of training days.</summary>
    public int TrainDay(int days) => DelayDay - days;

    /// <summary>True for a training payment: made in the training days, and labelled before the test begins.</summary>
    /// <param name="timeMs">Time of the payment, in milliseconds since the Unix epoch.</param>
    /// <param name="days">Number of training days.</param>
    /// <param name="labelDelayMs">Time from a payment to its label, in milliseconds.</param>
    public bool LearnsFrom(long timeMs, int days, long labelDelayMs) =>
        timeMs >= TrainDay(days) * MillisecondsPer.Day && timeMs < DelayDay * MillisecondsPer.Day && timeMs + labelDelayMs < TestMs;

    public static int DayOf(long timeMs) => (int)Math.Floor(timeMs / (double)MillisecondsPer.Day);

    public static int DayOf(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>The date of a day in ISO format, such as 2018-08-08.</summary>
    public static string Date(int day) =>
        DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
