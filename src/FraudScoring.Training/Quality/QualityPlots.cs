using System.Globalization;
using System.Xml.Linq;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Quality;

/// <summary>The plots of a quality page. They fit a telephone's screen without being scaled.</summary>
internal static class QualityPlots
{
    /// <summary>Number of bars of a plot, of days and of fields.</summary>
    public const int MostBars = 180, MostFields = 25;

    private const double Width = 312, Height = 210, RowHeight = 19, NameWidth = 136, Left = 60, HourOfDay = 24;
    private const int LongestName = 22;

    private const string Payment = "payment.";

    // Upper ends in hours, with their names.
    private static readonly (double Hours, string Name)[] Delays =
    [
        (1, "1h"), (6, "6h"), (HourOfDay, "1d"), (3 * HourOfDay, "3d"), (7 * HourOfDay, "7d"), (14 * HourOfDay, "14d"),
        (30 * HourOfDay, "30d"), (90 * HourOfDay, "90d"), (double.PositiveInfinity, ">90"),
    ];

    /// <summary>Payments, or frauds, by day. Many days are drawn in groups of equal length.</summary>
    public static XElement Days(string caption, string what, IReadOnlyList<DayCount> days, Func<DayCount, long> of, string colour)
    {
        long first = days[0].Day, span = days[^1].Day - first + 1;
        var group = (span + MostBars - 1) / MostBars;
        var bars = days.GroupBy(day => (day.Day - first) / group).Select(bar => (From: bar.Key, Count: bar.Sum(of))).ToArray();
        var last = (span + group - 1) / group;
        var plot = new SvgPlot(Width, Height, (0, last), (0, Room(bars.Max(bar => bar.Count))), caption, Left)
            .AxisLeft(what, "#,0.##").NameBelow(group == 1 ? "day" : Text($"{group} days per bar"));
        foreach (var (from, count) in bars)
        {
            plot.Box(from + (last > 60 ? 0 : 0.1), from + (last > 60 ? 1 : 0.9), 0, count, colour,
                Text($"{(group == 1 ? "" : "from ")}{SuspiciousFindings.Date(first + (from * group))}: {count:#,0} {what}"));
        }
        foreach (var tick in last < 3 ? [0] : new[] { 0, last / 2, last - 1 })
        {
            plot.ColumnName(Math.Clamp(tick + 0.5, last * 0.12, last * 0.88), SuspiciousFindings.Date(first + (tick * group)));
        }
        return plot.Figure(caption);
    }

    /// <summary>Share of the labels by delay.</summary>
    public static XElement LabelDelays(IReadOnlyList<double> hours)
    {
        var bars = new List<(string Name, int Count, bool IsBad)>();
        var negative = hours.Count(hour => hour < 0);
        if (negative > 0)
        {
            bars.Add(("< 0", negative, true));
        }
        bars.Add(("0", hours.Count(hour => hour == 0), false));
        var least = 0.0;
        foreach (var (most, name) in Delays)
        {
            bars.Add((name, hours.Count(hour => hour > least && hour <= most), false));
            least = most;
        }
        const string caption = "Labels by time since their payment, up to";
        return Bars(caption, "time from payment to label", "of the labels", bars, hours.Count);
    }

    /// <summary>Amounts on a logarithmic scale, four bars per power of ten.</summary>
    public static XElement Amounts(IReadOnlyList<double> amounts, string note)
    {
        const int perDecade = 4;
        var caption = note.Length == 0 ? "Amounts" : $"Amounts. {note}";
        var positive = amounts.Where(amount => amount > 0).Select(amount => (int)Math.Floor(Math.Log10(amount) * perDecade)).ToArray();
        int low = positive.Length == 0 ? 0 : Floor(positive.Min()), high = positive.Length == 0 ? 1 : Floor(positive.Max()) + 1;
        var counts = positive.CountBy(bin => bin).ToDictionary();
        var most = counts.Values.DefaultIfEmpty().Max() / (double)Math.Max(1, amounts.Count);
        var plot = new SvgPlot(Width, Height, (low, high), (0, Room(100 * most)), caption) { Right = 26 }
            .AxisLeft("% of payments").NameBelow("amount, logarithmic");
        foreach (var (bin, count) in counts.OrderBy(bar => bar.Key))
        {
            double from = bin / (double)perDecade, to = (bin + 1) / (double)perDecade, share = 100.0 * count / amounts.Count;
            plot.Box(from + 0.015, to - 0.015, 0, share, PageStyle.Accent,
                Text($"{Math.Pow(10, from):#,0.##} to {Math.Pow(10, to):#,0.##}: {share:0.##} %"));
        }
        var step = Math.Max(1, (high - low + 4) / 5);
        for (var decade = low; decade <= high; decade += step)
        {
            plot.ColumnName(decade, decade is >= -2 and <= 5 ? Text($"{Math.Pow(10, decade):#,0.##}") : Text($"1e{decade}"));
        }
        return plot.Figure(caption);

        static int Floor(int bin) => (int)Math.Floor(bin / (double)perDecade);
    }

    /// <summary>Entities by number of payments, in powers of two.</summary>
    public static XElement Sizes(EntityShape kind)
    {
        var bars = new List<(string, int, bool)>();
        for (var from = 1L; from <= kind.Sizes[^1]; from *= 2)
        {
            var to = (2 * from) - 1;
            bars.Add((from < 1000 ? Text($"{from}") : from < 1_000_000 ? Text($"{from / 1000}k") : Text($"{from / 1_000_000}M"),
                kind.Sizes.Count(size => size >= from && size <= to), false));
        }
        var caption = Text($"Payments per {kind.Name}: {(kind.IsComplete ? "" : "about ")}{kind.Entities:#,0} of them, ")
            + Text($"median {kind.Sizes[kind.Sizes.Count / 2]:#,0}, most {kind.Sizes[^1]:#,0}")
            + (kind.IsComplete ? "" : Text($" among a sample of {kind.Sizes.Count:#,0}"));
        return Bars(caption, "payments, from", $"of the {kind.Name}s".Replace("addresss", "addresses", StringComparison.Ordinal), bars,
            kind.Sizes.Count);
    }

    /// <summary>A bar per field, the longest first.</summary>
    /// <param name="caption">What is plotted.</param>
    /// <param name="fields">The fields with their values; at least one.</param>
    /// <param name="unit">Follows the values.</param>
    /// <param name="limit">Bars above it are marked; null for no limit.</param>
    public static XElement Fields(string caption, IReadOnlyList<(string Name, double Value)> fields, string unit, double? limit = null)
    {
        var shown = fields.OrderByDescending(field => field.Value).Take(MostFields).ToArray();
        var most = Room(Math.Max(shown[0].Value, limit ?? 0));
        var full = fields.Count > shown.Length
            ? Text($"{caption}. {fields.Count - shown.Length} more have less than {shown[^1].Value:0.###}{unit}") : caption;
        var plot = new SvgPlot(Width, (shown.Length * RowHeight) + 52, (0, most), (0, shown.Length), full, NameWidth) { Right = 44 };
        foreach (var (i, (name, value)) in shown.Index())
        {
            var (y, isAbove, figure) = (shown.Length - i - 0.5, value > limit, Text($"{value:#,0.###}{unit}"));
            // Nearly all names begin with it.
            var brief = name.StartsWith(Payment, StringComparison.Ordinal) ? name[Payment.Length..] : name;
            plot.RowName(y, brief.Length > LongestName ? brief[..(LongestName - 1)] + "…" : brief, SvgPlot.Ink)
                .Box(0, value, y - 0.32, y + 0.32, isAbove ? PageStyle.Bad : PageStyle.Accent, $"{name}: {figure}")
                .Note(value, y, $"\u00a0{figure}");
        }
        if (limit is { } line)
        {
            plot.Line([(line, 0), (line, shown.Length)], PageStyle.Bad, dashed: true);
        }
        return plot.Figure(full);
    }

    private static XElement Bars(
        string caption, string across, string of, IReadOnlyList<(string Name, int Count, bool IsBad)> bars, int all)
    {
        var shares = bars.Select(bar => 100.0 * bar.Count / Math.Max(1, all)).ToArray();
        var plot = new SvgPlot(Width, Height, (0, bars.Count), (0, Room(shares.Max())), caption).AxisLeft($"% {of}").NameBelow(across);
        // There is room for eleven names.
        var step = (bars.Count + 10) / 11;
        foreach (var (i, (name, count, isBad)) in bars.Index())
        {
            plot.Box(i + 0.1, i + 0.9, 0, shares[i], isBad ? PageStyle.Bad : PageStyle.Accent,
                Text($"{name}: {count:#,0}, {shares[i]:0.##} %"));
            if (i % step == 0)
            {
                plot.ColumnName(i + 0.5, name);
            }
        }
        return plot.Figure(caption);
    }

    private static double Room(double most) => Math.Max(most, 1e-6) * 1.08;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
