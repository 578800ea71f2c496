using System.Xml.Linq;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The plots of a gate report.</summary>
internal static class GatePlots
{
    private const double Width = 470, Height = 300;

    /// <summary>Share of frauds against mean probability, per bin. Calibrated models lie on the diagonal.</summary>
    public static XElement Reliability(IReadOnlyList<ModelQuality> models)
    {
        var plot = new SvgPlot(Width, Height, (0, 1), (0, 1), "Reliability diagram")
            .AxisBelow("mean probability in the bin").AxisLeft("share of frauds");
        plot.Line([(0, 0), (1, 1)], SvgPlot.Muted, dashed: true);
        foreach (var model in models.Reverse())
        {
            var bins = model.Reliability.Where(bin => bin.Rows > 0).ToArray();
            plot.Line(bins.Select(bin => (bin.MeanProbability, bin.FraudShare)), Colour(model));
            foreach (var bin in bins)
            {
                var interval = WilsonInterval.Compute((long)Math.Round(bin.FraudShare * bin.Rows), bin.Rows);
                plot.Line([(bin.MeanProbability, interval.Low), (bin.MeanProbability, interval.High)], Colour(model));
                plot.Dot(bin.MeanProbability, bin.FraudShare, Colour(model),
                    $"{model.Slot}: {Html.Count(bin.Rows)} payments, mean probability {Html.Number(bin.MeanProbability)}, "
                        + $"frauds {Html.Percent(bin.FraudShare)}");
            }
        }
        return Legend(plot, models, 0.97, 0.12, "end")
            .Figure("Reliability: share of frauds against probability, 15 bins, 95 % Wilson intervals");
    }

    public static XElement PrecisionRecall(IReadOnlyList<ModelQuality> models)
    {
        var plot = new SvgPlot(Width, Height, (0, 1), (0, 1), "Precision and recall")
            .AxisBelow("recall: share of frauds found").AxisLeft("precision");
        foreach (var model in models.Reverse())
        {
            plot.Line(model.Curve.Select(point => (point.TruePositiveRate, point.Precision)), Colour(model));
        }
        return Legend(plot, models, 0.03, 0.12, "start").Figure("Precision and recall at every threshold");
    }

    /// <summary>Histogram of the resampled differences, with their interval and the limit.</summary>
    public static XElement Difference(string metric, ResampledDifference difference, double tolerance)
    {
        const int bins = 40;
        var range = SvgPlot.Around([difference.Draws[0], difference.Draws[^1], -tolerance, 0], 0.001);
        var width = (range.Most - range.Least) / bins;
        var counts = new int[bins];
        foreach (var draw in difference.Draws)
        {
            counts[Math.Min((int)((draw - range.Least) / width), bins - 1)]++;
        }
        var most = counts.Max() * 1.12;
        var plot = new SvgPlot(Width, 220, range, (0, most), $"Difference in {metric}")
            .AxisBelow($"challenger minus champion, {metric}", "0.####").AxisLeft("resamples", "0");
        for (var i = 0; i < bins; i++)
        {
            var (low, high) = (range.Least + (i * width), range.Least + ((i + 1) * width));
            var inside = high > difference.Low && low < difference.High;
            plot.Box(low, high, 0, counts[i], inside ? ReportStyle.Challenger : "#a9c4ea",
                $"{counts[i]} resamples from {Html.Number(low)} to {Html.Number(high)}");
        }
        plot.Line([(-tolerance, 0), (-tolerance, most)], ReportStyle.Failed, dashed: true)
            .Note(-tolerance, most * 0.97, " limit", colour: ReportStyle.Failed);
        plot.Line([(0, 0), (0, most)], SvgPlot.Ink, dashed: true);
        return plot.Figure($"{metric}: resamples of {SnakeCase.Convert(difference.Unit)}. "
            + "Dark bars lie in the interval, which must not start left of the limit");
    }

    /// <summary>Average precision of each fold, and the limit.</summary>
    public static XElement Folds(IReadOnlyList<PeriodFold> folds, StabilitySettings settings)
    {
        var plot = new SvgPlot(Width, 220, (0, folds.Count), (0, 1), "Average precision by fold").AxisLeft("average precision");
        for (var i = 0; i < folds.Count; i++)
        {
            var height = double.IsNaN(folds[i].AveragePrecision) ? 0 : folds[i].AveragePrecision;
            plot.Box(i + 0.15, i + 0.85, 0, height, folds[i].Counts ? ReportStyle.Challenger : SvgPlot.Faint,
                $"from {Days.Text(folds[i].FirstDay)}: {Html.Number(folds[i].AveragePrecision)}, {folds[i].Frauds} frauds");
            if (folds.Count <= 8)
            {
                plot.ColumnName(i + 0.5, $"from {Days.Text(folds[i].FirstDay)}")
                    .Note(i + 0.5, Math.Min(height + 0.05, 0.97), Html.Number(Math.Round(height, 3)), "middle");
            }
        }
        var counted = folds.Where(fold => fold.Counts).ToArray();
        if (counted.Length > 0)
        {
            var limit = counted.Average(fold => fold.AveragePrecision) * settings.AveragePrecisionWorstToMeanAtLeast;
            plot.Line([(0, limit), (folds.Count, limit)], ReportStyle.Failed, dashed: true);
        }
        return plot.Figure(
            $"Average precision by fold of {settings.FoldDays} days. The dashed line is the limit; grey folds have too few frauds");
    }

    /// <summary>A bar per robustness run, with the limit of its kind.</summary>
    public static XElement Moves(
        string caption, IReadOnlyList<RobustnessRun> runs, RobustnessSettings settings, Func<ScoreMoves, double> of,
        Func<MoveLimits, double> limitOf)
    {
        const double rowHeight = 20, nameWidth = 168;
        var limits = RobustnessGates.Kinds(settings).ToDictionary(kind => kind.Name, kind => limitOf(kind.Limits));
        var shown = runs.Where(run => run.Moves is not null).ToArray();
        var most = shown.Max(run => Math.Max(of(run.Moves!), limits[run.Kind])) * 1.06;
        var plot = new SvgPlot(Width, (shown.Length * rowHeight) + 52, (0, most), (0, shown.Length), caption, nameWidth)
            .AxisBelow("", "0.###");
        for (var i = 0; i < shown.Length; i++)
        {
            var (run, y, limit) = (shown[i], shown.Length - i - 0.5, limits[shown[i].Kind]);
            plot.RowName(y, run.Kind == RobustnessRuns.Unseen ? $"unseen {run.Change}" : run.Change, SvgPlot.Ink);
            plot.Box(0, of(run.Moves!), y - 0.3, y + 0.3, of(run.Moves!) > limit ? ReportStyle.Failed : ReportStyle.Challenger,
                $"{run.Change}: {Html.Percent(of(run.Moves!), 3)}");
            plot.Line([(limit, y - 0.45), (limit, y + 0.45)], ReportStyle.Failed);
        }
        return plot.Figure(caption);
    }

    /// <summary>A rate and its interval for each of the groups, which must be large enough for the gates.</summary>
    public static XElement Groups(
        string caption, IReadOnlyList<FairnessGroup> groups, Func<GroupOutcomes, double> rate, Func<GroupOutcomes, WilsonInterval> interval)
    {
        const double rowHeight = 20, nameWidth = 128;
        var range = SvgPlot.Around(groups.SelectMany(g => new[] { interval(g.Outcomes).Low, interval(g.Outcomes).High }), 0.0005);
        (double Least, double Most) shown = (Math.Max(0, range.Least), Math.Min(1, range.Most));
        var plot = new SvgPlot(Width, (groups.Count * rowHeight) + 52, shown, (0, groups.Count), caption, nameWidth).AxisBelow("", "0.###");
        for (var i = 0; i < groups.Count; i++)
        {
            var (group, y) = (groups[i], groups.Count - i - 0.5);
            var bounds = interval(group.Outcomes);
            plot.RowName(y, group.Name.Length > 18 ? group.Name[..17] + "…" : group.Name, SvgPlot.Ink);
            plot.Line([(bounds.Low, y), (bounds.High, y)], ReportStyle.Challenger);
            plot.Dot(rate(group.Outcomes), y, ReportStyle.Challenger,
                $"{group.Name}: {Html.Percent(rate(group.Outcomes), 3)}, {Html.Percent(bounds.Low, 3)} to {Html.Percent(bounds.High, 3)}");
        }
        return plot.Figure(caption);
    }

    private static string Colour(ModelQuality model) => model.Slot == "champion" ? ReportStyle.Champion : ReportStyle.Challenger;

    private static SvgPlot Legend(SvgPlot plot, IReadOnlyList<ModelQuality> models, double x, double y, string anchor)
    {
        for (var i = 0; i < models.Count; i++)
        {
            plot.Note(x, y - (i * 0.07), $"● {models[i].Slot}: {models[i].Manifest.Id}", anchor, Colour(models[i]));
        }
        return plot;
    }
}
