using System.Globalization;
using FraudScoring.Training.Runs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

internal static class RunTables
{
    private const string Unknown = "-";
    private const int HashDigits = 12;

    public static Table CreateList(IReadOnlyList<RunRecord> runs)
    {
        var table = new Table().AddColumn("id", id => id.NoWrap()).AddColumn("time (UTC)").AddColumn("model", model => model.NoWrap())
            .AddColumns("trials", "folds: average precision", "AUC", "average precision", "seconds", "bundle");
        foreach (var run in runs)
        {
            table.AddRow(Cells(
                run.Id, Time(run), run.Model, Number(run.Trials.Count),
                string.Join(' ', run.Folds.Select(fold => Metric(fold.AveragePrecision.Values.Max()))),
                Metric(run, "auc_roc"), Metric(run, "average_precision"), Number(Math.Round(run.DurationSeconds)), Short(run.BundleHash)));
        }
        return table;
    }

    /// <summary>Parameters and hashes appear only where the runs differ; metrics and duration always appear.</summary>
    public static Table CreateComparison(RunRecord first, RunRecord second)
    {
        var table = new Table().AddColumns("", first.Id, second.Id, "difference");
        foreach (var (name, a, b) in Facts(first, second).Where(fact => fact.First != fact.Second))
        {
            table.AddRow(Cells(name, a, b, ""));
        }
        foreach (var (name, a, b) in Joined(Figures(first), Figures(second)))
        {
            table.AddRow(Cells(name, Metric(a), Metric(b), (b - a).ToString("+0.######;-0.######;0", CultureInfo.InvariantCulture)));
        }
        return table;
    }

    private static IEnumerable<(string Name, string First, string Second)> Facts(RunRecord first, RunRecord second)
    {
        yield return ("time (UTC)", Time(first), Time(second));
        yield return ("command", first.Command, second.Command);
        yield return ("data", Short(first.DataHash), Short(second.DataHash));
        yield return ("catalogue", Short(first.CatalogueHash), Short(second.CatalogueHash));
        yield return ("bundle", Short(first.BundleHash), Short(second.BundleHash));
        foreach (var name in first.Parameters.Keys.Union(second.Parameters.Keys).Order(StringComparer.Ordinal))
        {
            yield return (name, first.Parameters.GetValueOrDefault(name, Unknown), second.Parameters.GetValueOrDefault(name, Unknown));
        }
    }

    private static SortedDictionary<string, double> Figures(RunRecord run)
    {
        var figures = new SortedDictionary<string, double>(run.Metrics, StringComparer.Ordinal)
        {
            ["seconds"] = Math.Round(run.DurationSeconds, 1),
        };
        foreach (var fold in run.Folds)
        {
            foreach (var (member, precision) in fold.AveragePrecision)
            {
                figures[$"fold {fold.Number}: average precision of {member}"] = precision;
            }
        }
        return figures;
    }

    private static IEnumerable<(string Name, double First, double Second)> Joined(
        SortedDictionary<string, double> first, SortedDictionary<string, double> second) =>
        first.Keys.Union(second.Keys).Order(StringComparer.Ordinal)
            .Select(name => (name, first.GetValueOrDefault(name, double.NaN), second.GetValueOrDefault(name, double.NaN)));

    private static string Time(RunRecord run) => run.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Metric(RunRecord run, string name) => run.Metrics.TryGetValue(name, out var value) ? Metric(value) : Unknown;

    private static string Metric(double value) => double.IsNaN(value) ? Unknown : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Short(string hash) => hash[..Math.Min(HashDigits, hash.Length)];

    private static Text[] Cells(params string[] texts) => Array.ConvertAll(texts, text => new Text(text));
}
