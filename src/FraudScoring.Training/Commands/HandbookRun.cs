using System.Globalization;
using System.Text;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Handbook;
using FraudScoring.Training.Inputs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary>Runs the Handbook's protocol for <c>evaluate</c> and prints the results.</summary>
/// <param name="console">Receives progress and tables.</param>
/// <param name="log">Path of the event log.</param>
/// <param name="request">The options.</param>
internal sealed class HandbookRun(IAnsiConsole console, string log, HandbookRequest request)
{
    /// <summary>Runs the protocol and prints the figures. The requested files are written only if all of it succeeds.</summary>
    public int Run(CancellationToken cancellation)
    {
        var catalogue = CatalogueFile.LoadFile(request.Catalogue);
        var rates = RatesFile.Load(null, Path.GetDirectoryName(Path.GetFullPath(request.Catalogue))!, catalogue);
        // Opened first, so that a missing folder fails the command before the training and not after it.
        using var plot = request.Plot is null ? null : new PartialFile(request.Plot);
        using var json = request.Json is null ? null : new PartialFile(request.Json);
        var withoutRate = new PaymentsWithoutRate(rates);
        var report = Bars.Show(console, run =>
        {
            var book = run.Run("Read labels", () => LabelBook.Create(withoutRate.Watch(EventLogReader.Read(log))));
            var folds = ProtocolFolds.Create(request.Folds, ProtocolFolds.TestDay(book, request.TestStart));
            ProtocolFolds.Check(folds, request.TrainDays, book);
            var protocol = new HandbookProtocol(log, catalogue, rates, book, folds, request.TrainDays, request.Learner);
            var rows = run.Run("Replay payments", book.Payments, progress => protocol.Replay(request.Delays, progress, cancellation));
            DelayResult[] delays = [.. request.Delays.Select(delay => run.Run($"Train and test, labels after {delay}", folds.Count,
                progress => protocol.Evaluate(rows, delay, progress, cancellation)))];
            return new ProtocolReport(
                EventLogReader.Hash(log), catalogue.Hash, catalogue.Features.Count, request.TrainDays, request.Learner, delays);
        });
        Print(report);
        Tables.PrintWarning(console, PaymentsWithoutRate.Warning(withoutRate.ByCurrency));
        Write(plot, report.ToChart().ToSvg());
        Write(json, report.ToJson());
        plot?.Complete();
        json?.Complete();
        return ExitCode.Success;
    }

    private void Print(ProtocolReport report)
    {
        console.WriteLine("AUC: area under the ROC curve. AP: average precision.");
        console.WriteLine("CP@100: precision among the 100 cards with the highest scores of a day;");
        console.WriteLine("oracle: its highest possible value; share: CP@100 / oracle. All are at most 1.");
        foreach (var delay in report.Delays)
        {
            console.WriteLine($"Labels known after {delay.Delay}:");
            console.Write(FoldTable(delay));
            if (request.Folds == FoldSet.Both)
            {
                console.WriteLine($"The single split is the one tested from {ProtocolFold.Date(delay.Folds[0].Fold.TestDay)}.");
            }
        }
        if (report.Delays.Count > 1)
        {
            console.WriteLine("Quality by label delay:");
            console.Write(DelayTable(report));
        }
    }

    private static Table FoldTable(DelayResult delay)
    {
        var table = Headed(["test from", "train", "frauds", "test", "frauds", .. DelayResult.Metrics.Select(metric => metric.Name)]);
        foreach (var fold in delay.Folds)
        {
            table.AddRow([ProtocolFold.Date(fold.Fold.TestDay), Count(fold.TrainRows), Count(fold.TrainFrauds), Count(fold.TestRows),
                Count(fold.TestFrauds), .. DelayResult.Metrics.Select(metric => Value(metric.Compute(fold.Scores)))]);
        }
        if (delay.Folds.Count > 1)
        {
            table.AddRow(["mean", "", "", "", "", .. DelayResult.Metrics.Select(metric => Value(delay.Summarize(metric.Compute).Mean))]);
            table.AddRow(
                ["deviation", "", "", "", "", .. DelayResult.Metrics.Select(metric => Value(delay.Summarize(metric.Compute).Deviation))]);
        }
        return table;
    }

    private static Table DelayTable(ProtocolReport report)
    {
        var table = Headed(["labels known after", .. DelayResult.Metrics.Select(metric => metric.Name)]);
        foreach (var delay in report.Delays)
        {
            table.AddRow([delay.Delay.ToString(), .. DelayResult.Metrics.Select(metric => delay.Summarize(metric.Compute))
                .Select(value => $"{Value(value.Mean)} ± {Value(value.Deviation)}")]);
        }
        return table;
    }

    /// <summary>A table without padding and with simple borders: with all metrics it still fits 80 columns.</summary>
    private static Table Headed(IEnumerable<string> heads)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var head in heads)
        {
            table.AddColumn(new TableColumn(head) { Padding = new Padding(0), NoWrap = true }.RightAligned());
        }
        return table;
    }

    private static string Value(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Count(int value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static void Write(PartialFile? file, string text) => file?.Stream.Write(Encoding.UTF8.GetBytes(text));
}
