using System.CommandLine;
using System.Globalization;
using FraudScoring.Core.Features;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Quality;
using Google.Protobuf;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>train</c>: learns an ensemble from an event log and writes its bundle.</summary>
internal sealed class TrainCommand(IAnsiConsole console)
{
    private readonly TrainOptions _options = new();

    /// <summary>The command for the root command.</summary>
    public static Command Create(IAnsiConsole console)
    {
        var train = new TrainCommand(console);
        var command = new Command("train", "Learn an ensemble from an event log, prove the exported graph equal to it, and write its bundle.");
        train._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(() => Failures.Report(parsed, () => train.Run(parsed, cancellation)), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var models = parsed.GetRequiredValue(_options.Models).FullName;
        var folder = Path.Combine(models, parsed.GetRequiredValue(_options.Model), parsed.GetRequiredValue(_options.Version));
        if (Directory.Exists(folder) && !parsed.GetValue(_options.Replace))
        {
            throw new IOException($"{folder} exists; give another --version, or --replace");
        }
        var catalogue = CatalogueFile.Read(models);
        var (manifest, evaluation, graph, quality) = console.Progress().Columns(Bars.Columns).Start(context => Learn(parsed, catalogue, new Bars(context), cancellation));
        var hash = BundleWriter.Write(folder, graph, manifest, ModelCard.Write(manifest, evaluation), replace: true);
        quality.Write(Path.Combine(folder, QualityReport.FileName));
        Tables.Print(console, evaluation);
        QualityTables.PrintWarnings(console, quality);
        parsed.InvocationConfiguration.Output.WriteLine($"SHA-256 of {ModelManifest.GraphFileName}: {hash}");
        parsed.InvocationConfiguration.Output.WriteLine(folder);
        return ExitCode.Success;
    }

    private (ModelManifest, ModelEvaluation, byte[], QualityReport) Learn(ParseResult parsed, FeatureCatalogue catalogue, Bars bars, CancellationToken cancellation)
    {
        var log = parsed.GetRequiredValue(_options.Log).FullName;
        var parameters = _options.Parameters(parsed.CommandResult);
        var seen = new LogQuality();
        var book = bars.Of("Read labels", () => LabelBook.Read(seen.Watch(EventLogReader.Read(log))));
        var split = TimeSplit.Of(book, parsed.GetRequiredValue(_options.WarmUp), parsed.GetRequiredValue(_options.Gap), parsed.GetRequiredValue(_options.Test), 0.35);
        var history = bars.Of("Replay payments", book.Payments, progress => ReplayedHistory.Replay(log, catalogue, book, split, progress, cancellation));
        var quality = bars.Of("Judge quality", () => QualityReport.Of(seen, history));
        var ensemble = EnsembleTrainer.Train(history.Fit, history.Later, parameters, bars.ForTraining(), cancellation);
        var calibrated = history.Later.Slice(history.Later.Rows / 2, history.Later.Rows - (history.Later.Rows / 2));
        var thresholds = ThresholdChooser.Choose(ensemble.PredictProbabilities(calibrated), calibrated.Labels,
            (parsed.GetRequiredValue(_options.Review), parsed.GetRequiredValue(_options.Challenge), parsed.GetRequiredValue(_options.Decline)));
        var probabilities = ensemble.PredictProbabilities(history.Test);
        var evaluation = ModelEvaluation.Of(probabilities, history.Test.Labels, history.TestPayments, thresholds);
        var graph = ensemble.ToOnnx().ToByteArray();
        var difference = bars.Of("Compare the graph", () => GraphParity.Check(graph, history.Test, probabilities));
        var manifest = new ModelManifest
        {
            Format = ModelManifest.CurrentFormat,
            Model = parsed.GetRequiredValue(_options.Model),
            Version = parsed.GetRequiredValue(_options.Version),
            CatalogueHash = catalogue.Hash,
            Features = ensemble.FeatureNames,
            Members = [EnsembleGraph.Trees, EnsembleGraph.Linear],
            Files = [],
            Thresholds = thresholds,
            Metrics = evaluation.Metrics,
            Training = Lineage(parsed, log, history, split, parameters, difference),
        };
        return (manifest, evaluation, graph, quality);
    }

    private static SortedDictionary<string, string> Lineage(
        ParseResult parsed, string log, ReplayedHistory history, TimeSplit split, EnsembleParameters parameters, double difference) => new()
    {
        ["command"] = string.Join(' ', parsed.Tokens.Select(token => token.Value)),
        ["event_log_sha256"] = EventLogReader.Hash(log),
        ["fit"] = $"{Day(split.FitMs)} to {Day(split.LaterMs)}, {Count(history.Fit)}",
        ["stacking_and_calibration"] = $"{Day(split.LaterMs)} to {Day(split.GapMs)}, {Count(history.Later)}",
        ["test"] = $"from {Day(split.TestMs)}, {Count(history.Test)}",
        ["labels_known_by"] = Day(split.TestMs),
        ["trees"] = parameters.Trees.ToText(),
        ["largest_difference_of_graph_and_trainer"] = difference.ToString("0.0e+0", CultureInfo.InvariantCulture),
    };

    private static string Day(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Count(TrainingMatrix part) => FormattableString.Invariant($"{part.Rows} payments, {part.Frauds} frauds");
}
