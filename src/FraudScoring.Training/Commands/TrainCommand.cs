using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using FraudScoring.Core.Features;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Quality;
using FraudScoring.Training.Runs;
using Google.Protobuf;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>train</c>: learns an ensemble from an event log, writes its bundle, and records the run.</summary>
internal sealed class TrainCommand(IAnsiConsole console, TimeProvider time)
{
    // Members and folds learn from the rest; calibration needs some hundreds of frauds that they have not seen.
    private const double CalibrationShare = 0.25;

    private readonly TrainOptions _options = new();

    /// <summary>The command for the root command.</summary>
    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var train = new TrainCommand(console, time);
        var command = new Command("train", "Learn an ensemble from an event log, prove the exported graph equal to it, and write its bundle.");
        train._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(() => Failures.Report(parsed, () => train.Run(parsed, cancellation)), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var models = parsed.GetRequiredValue(_options.Models).FullName;
        var folder = Path.Combine(models, parsed.GetRequiredValue(_options.Model), parsed.GetRequiredValue(_options.Version));
        if (Directory.Exists(folder) && !parsed.GetValue(_options.Replace))
        {
            throw new IOException($"{folder} exists; give another --version, or --replace");
        }
        var catalogue = CatalogueFile.Read(models);
        var learned = console.Progress().Columns(Bars.Columns).Start(context => Learn(parsed, catalogue, new Bars(context), cancellation));
        var hash = BundleWriter.Write(folder, learned.Graph, learned.Manifest, ModelCard.Write(learned.Manifest, learned.Evaluation), replace: true);
        learned.Quality.Write(Path.Combine(folder, QualityReport.FileName));
        Tables.Print(console, learned.Evaluation);
        Tables.Print(console, learned.Members);
        QualityTables.PrintWarnings(console, learned.Quality);
        var run = Record(parsed, learned, folder, time.GetElapsedTime(start), cancellation);
        var output = parsed.InvocationConfiguration.Output;
        output.WriteLine($"SHA-256 of {ModelManifest.GraphFileName}: {hash}");
        output.WriteLine($"Run {run.Id} in {RunsPath(parsed)}");
        output.WriteLine(folder);
        return ExitCode.Success;
    }

    private Learned Learn(ParseResult parsed, FeatureCatalogue catalogue, Bars bars, CancellationToken cancellation)
    {
        var log = parsed.GetRequiredValue(_options.Log).FullName;
        var parameters = _options.Parameters(parsed.CommandResult);
        var seen = new LogQuality();
        var book = bars.Of("Read labels", () => LabelBook.Read(seen.Watch(EventLogReader.Read(log))));
        var split = TimeSplit.Of(
            book, parsed.GetRequiredValue(_options.WarmUp), parsed.GetRequiredValue(_options.Gap), parsed.GetRequiredValue(_options.Test), CalibrationShare);
        var history = bars.Of("Replay payments", book.Payments, progress => ReplayedHistory.Replay(log, catalogue, book, split, progress, cancellation));
        var quality = bars.Of("Judge quality", () => QualityReport.Of(seen, history));
        var search = Search(parsed, parameters, history, bars, cancellation);
        var ensemble = EnsembleTrainer.Train(history.Fit, history.Later, search.Best, bars.ForTraining(), cancellation);
        var calibrated = EnsembleTrainer.Calibrating(history.Later, search.Best);
        var thresholds = ThresholdChooser.Choose(ensemble.PredictProbabilities(calibrated), calibrated.Labels,
            (parsed.GetRequiredValue(_options.Review), parsed.GetRequiredValue(_options.Challenge), parsed.GetRequiredValue(_options.Decline)));
        var probabilities = ensemble.PredictProbabilities(history.Test);
        var evaluation = ModelEvaluation.Of(probabilities, history.Test.Labels, history.TestPayments, thresholds);
        var members = bars.Of("Leave members out", () => Ablation.Of(ensemble, history.Test, cancellation));
        var graph = ensemble.ToOnnx();
        var bytes = graph.ToByteArray();
        var differences = bars.Of("Compare the graph", () =>
            (GraphParity.Check(bytes, history.Test, probabilities), ExplanationParity.Check(graph, ensemble, history.Test)));
        var manifest = new ModelManifest
        {
            Format = ModelManifest.CurrentFormat,
            Model = parsed.GetRequiredValue(_options.Model),
            Version = parsed.GetRequiredValue(_options.Version),
            CatalogueHash = catalogue.Hash,
            Features = ensemble.FeatureNames,
            Members = EnsembleMembers.Names,
            Files = [],
            Thresholds = thresholds,
            Metrics = evaluation.Metrics,
            Training = Lineage(parsed, log, history, split, search, ensemble, members, differences),
        };
        return new Learned(manifest, evaluation, members, bytes, search, ensemble.Folds, quality);
    }

    private SearchResult Search(ParseResult parsed, EnsembleParameters parameters, ReplayedHistory history, Bars bars, CancellationToken cancellation)
    {
        var trials = parsed.GetRequiredValue(_options.Search);
        return trials == 0
            ? new SearchResult(parameters, [])
            : bars.Of("Search parameters", trials * ParameterSearch.Members,
                progress => ParameterSearch.Run(history.Fit, parameters, trials, progress, cancellation));
    }

    private RunRecord Record(ParseResult parsed, Learned learned, string folder, TimeSpan duration, CancellationToken cancellation)
    {
        var record = RecordOf(parsed, learned, folder, duration);
        return RunLog.Append(RunsPath(parsed), record, cancellation);
    }

    private RunRecord RecordOf(ParseResult parsed, Learned learned, string folder, TimeSpan duration) => new()
    {
        Id = "",
        Time = time.GetUtcNow(),
        Command = string.Join(' ', parsed.Tokens.Select(token => token.Value)),
        Model = $"{learned.Manifest.Model}/{learned.Manifest.Version}",
        Parameters = FlatParameters.Of(learned.Search.Best),
        DataHash = learned.Manifest.Training[EventLogHash],
        CatalogueHash = learned.Manifest.CatalogueHash,
        Seed = parsed.GetRequiredValue(_options.Seed),
        Folds = learned.Folds?.Folds ?? [],
        Trials = learned.Search.Trials,
        Metrics = learned.Manifest.Metrics,
        DurationSeconds = Math.Round(duration.TotalSeconds, 1),
        BundleHash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, ModelManifest.FileName)))),
    };

    private string RunsPath(ParseResult parsed) => parsed.GetValue(_options.Runs)?.FullName
        ?? Path.Combine(parsed.GetRequiredValue(_options.Log).DirectoryName!, RunLog.FileName);

    private const string EventLogHash = "event_log_sha256";

    private SortedDictionary<string, string> Lineage(
        ParseResult parsed, string log, ReplayedHistory history, TimeSplit split, SearchResult search, TrainedEnsemble ensemble,
        IReadOnlyList<Ablation> members, (double OfGraph, double OfExplanations) differences)
    {
        var lineage = new SortedDictionary<string, string>
        {
            ["command"] = _options.Command(parsed),
            [EventLogHash] = EventLogReader.Hash(log),
            ["fit"] = $"{Day(split.FitMs)} to {Day(split.LaterMs)}, {Count(history.Fit)}",
            ["calibration"] = $"{Day(split.LaterMs)} to {Day(split.GapMs)}, {Count(history.Later)}",
            ["test"] = $"from {Day(split.TestMs)}, {Count(history.Test)}",
            ["labels_known_by"] = Day(split.TestMs),
            ["trees"] = search.Best.Trees.ToText(),
            ["forest"] = search.Best.Forest.ToText(),
            ["boosted_trees"] = Invariant($"{ensemble.Members.Trees.Count}"),
            ["parameters_tried"] = Invariant($"{search.Trials.Count}"),
            ["largest_difference_of_graph_and_trainer"] = differences.OfGraph.ToString("0.0e+0", CultureInfo.InvariantCulture),
            ["largest_difference_of_explanations"] = differences.OfExplanations.ToString("0.0e+0", CultureInfo.InvariantCulture),
        };
        foreach (var (member, weight, alone, without) in members)
        {
            lineage[$"member_{member}"] = Invariant(
                $"weight {weight:0.####}; average precision on the test {alone.AveragePrecision:0.####} alone, {without.AveragePrecision:0.####} without it");
        }
        foreach (var fold in ensemble.Folds?.Folds ?? [])
        {
            var precision = fold.AveragePrecision.Select(member => Invariant($"{member.Key} {member.Value:0.####}"));
            lineage[$"fold_{fold.Number}"] =
                Invariant($"{Day(fold.FromMs)} to {Day(fold.ToMs)}, {fold.Rows} payments, {fold.Frauds} frauds, learned from {fold.TrainRows}; ")
                + $"average precision: {string.Join(", ", precision)}";
        }
        return lineage;
    }

    private static string Day(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Count(TrainingMatrix part) => Invariant($"{part.Rows} payments, {part.Frauds} frauds");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>What training gave, before it is written.</summary>
    private sealed record Learned(
        ModelManifest Manifest, ModelEvaluation Evaluation, IReadOnlyList<Ablation> Members, byte[] Graph, SearchResult Search, OutOfFold? Folds,
        QualityReport Quality);
}
