using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Features;

/// <summary>
/// Each aggregate by definition, over all payments, labels and requests of one card: windows of a week that ended a day ago, over payments
/// at cash machines; merchants as values, the 0.9 quantile, twice the median, a half-life of six hours; requests within an hour.
/// </summary>
internal sealed class AggregateTruth(Payment now, Payment[] payments, Label[] labels, Payment[] requests)
{
    private const long Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day, Maturity = 20 * Day;

    /// <summary>Payments in this currency have an unknown amount: they count, and are left out of everything about amounts.</summary>
    public static readonly Currency WithoutRate = new("XCG", 2);

    /// <summary>The definition of each aggregate, by name. A missing value is NaN.</summary>
    public static Dictionary<string, Func<AggregateTruth, double>> Definitions { get; } = new()
    {
        ["count"] = t => t.Inside.Length,
        ["sum"] = t => t.Amounts.Sum(),
        ["mean"] = t => t.Amounts.Length > 0 ? t.Amounts.Average() : double.NaN,
        ["deviation"] = t => Math.Sqrt(t.Amounts.Select(a => Math.Pow(a - t.Amounts.Average(), 2)).DefaultIfEmpty(double.NaN).Average()),
        ["min"] = t => t.Amounts.DefaultIfEmpty(double.NaN).Min(),
        ["max"] = t => t.Amounts.DefaultIfEmpty(double.NaN).Max(),
        ["median"] = t => Quantile(t.Amounts, 0.5),
        ["quantile"] = t => Quantile(t.Amounts, 0.9),
        ["distinct"] = t => t.Merchants,
        ["distinct_ratio"] = t => t.Inside.Length > 0 ? (double)t.Merchants / t.Inside.Length : double.NaN,
        ["count_same"] = t => t.Inside.Count(p => p.Merchant == t.Now.Merchant),
        ["count_unusual"] = t =>
            Quantile(AmountsOf(t.Filtered), 0.5) * 2 is var limit && double.IsNaN(limit) ? limit : t.Amounts.Count(a => a > limit),
        ["rate"] = t => t.DaysKnown > 0 ? t.Inside.Length / t.DaysKnown : double.NaN,
        ["decayed_sum"] = t =>
            t.Inside.Where(p => p.Currency != WithoutRate).Sum(p => p.AmountMinor / 100.0 * Math.Pow(2, -t.Since(p.EventTimeMs) / 21_600)),
        ["last"] = t => AmountsOf(t.Filtered.TakeLast(1)).DefaultIfEmpty(double.NaN).Last(),
        ["time_since_last"] = t => t.Filtered.Select(p => t.Since(p.EventTimeMs)).DefaultIfEmpty(double.NaN).Last(),
        ["time_since_first"] = t => t.Filtered.Select(p => t.Since(p.EventTimeMs)).DefaultIfEmpty(double.NaN).First(),
        ["distance"] = t => t.Located is { } from ? Kilometres(from, t.Now) : double.NaN,
        ["speed"] = t =>
            t.Located is { } from ? Kilometres(from, t.Now) / Math.Max(t.Since(from.EventTimeMs) / 3600, 1.0 / 60) : double.NaN,
        ["fraud_count"] = t => t.Arrived.Count(l => l.Fraud),
        ["fraud_rate"] = t => t.Arrived.Select(l => l.Fraud ? 1.0 : 0).DefaultIfEmpty(double.NaN).Average(),
        ["time_since_fraud"] = t => t.Known.Where(l => l.Fraud).Select(l => t.Since(l.SinceMs)).DefaultIfEmpty(double.NaN).Min(),
        ["fraud_streak"] = t => t.Frauds.Length,
        ["legitimate_streak"] = t => t.PaymentLabels.TakeWhile(v => !v.Fraud).Count(),
        ["time_since_streak_start"] = t => t.Frauds.Select(p => t.Since(p.EventTimeMs)).DefaultIfEmpty(double.NaN).Last(),
        ["streak_min"] = t => AmountsOf(t.Frauds).DefaultIfEmpty(double.NaN).Min(),
        ["streak_max"] = t => AmountsOf(t.Frauds).DefaultIfEmpty(double.NaN).Max(),
        ["time_since_legitimate"] = t =>
            t.PaymentLabels.Where(v => !v.Fraud).Select(v => t.Since(v.Payment.EventTimeMs)).DefaultIfEmpty(double.NaN).First(),
        ["attempts"] = t => t.Requests.Count(p => p.EventTimeMs > t.Now.EventTimeMs - Hour && p.EventTimeMs <= t.Now.EventTimeMs),
    };

    private Payment Now => now;

    private Payment[] Requests => requests;

    private Payment[] Before { get; } = [.. payments.Where(p => p.EventTimeMs < now.EventTimeMs).OrderBy(p => p.EventTimeMs)];

    private Payment[] Filtered => [.. Before.Where(p => p.Channel == Channel.Atm)];

    private Payment[] Inside => [.. Filtered.Where(p => IsInWindow(p.EventTimeMs))];

    private double[] Amounts => AmountsOf(Inside);

    private int Merchants => Inside.Select(p => p.Merchant).Distinct().Count();

    /// <summary>The first payment counts regardless of its channel.</summary>
    private double DaysKnown => Math.Min(7, (Since(Before.Select(p => p.EventTimeMs).DefaultIfEmpty(now.EventTimeMs).Min()) / 86_400) - 1);

    private Payment? Located => Before.LastOrDefault(p => !double.IsNaN(p.Latitude));

    /// <summary>What each labelled payment is known to be, by its latest label, and since when without a contradiction.</summary>
    private (string TransactionId, long SinceMs, bool Fraud)[] Known =>
    [
        .. from payment in labels.Where(l => l.LabelTimeMs < now.EventTimeMs).GroupBy(l => l.TransactionId)
           let inOrder = payment.OrderByDescending(l => l.LabelTimeMs).ThenByDescending(l => l.Fraud).ToArray()
           let since = inOrder.TakeWhile(l => l.Fraud == inOrder[0].Fraud).Last().LabelTimeMs
           select (payment.Key, since, inOrder[0].Fraud),
    ];

    private (string TransactionId, long SinceMs, bool Fraud)[] Arrived => [.. Known.Where(l => IsInWindow(l.SinceMs))];

    /// <summary>The known labels of payments, newest first. Mature payments without a label count as legitimate.</summary>
    private (Payment Payment, bool Fraud)[] PaymentLabels =>
    [
        .. from payment in Before.Reverse()
           let label = Array.Find(Known, l => l.TransactionId == payment.TransactionId)
           where label.TransactionId is not null || now.EventTimeMs - payment.EventTimeMs > Maturity
           select (payment, label.Fraud),
    ];

    private Payment[] Frauds => [.. PaymentLabels.TakeWhile(v => v.Fraud).Select(v => v.Payment)];

    private bool IsInWindow(long timeMs) => timeMs > now.EventTimeMs - (8 * Day) && timeMs < now.EventTimeMs - Day;

    private double Since(long timeMs) => (now.EventTimeMs - timeMs) / 1000.0;

    private static double[] AmountsOf(IEnumerable<Payment> some) =>
        [.. some.Where(p => p.Currency != WithoutRate).Select(p => p.AmountMinor / 100.0)];

    private static double Quantile(double[] amounts, double share) => amounts.Length == 0 ? double.NaN
        : amounts.Order().ElementAt(Math.Max(0, (int)Math.Ceiling((share * amounts.Length) - 1e-9) - 1));

    /// <summary>Computed from the angle between the vectors of both places instead of the haversine formula.</summary>
    private static double Kilometres(Payment from, Payment to)
    {
        var (a, b) = (Vector(from), Vector(to));
        var cross = new[] { (a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X) };
        return 6371.0088 * Math.Atan2(Math.Sqrt(cross.Sum(c => c * c)), (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z));
    }

    private static (double X, double Y, double Z) Vector(Payment place)
    {
        double phi = place.Latitude * Math.PI / 180, lambda = place.Longitude * Math.PI / 180;
        return (Math.Cos(phi) * Math.Cos(lambda), Math.Cos(phi) * Math.Sin(lambda), Math.Sin(phi));
    }
}
