using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using FraudScoring.Core.Catalogue;
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
    /// <summary>Name of the metric that says how far the exported graph is from the trainer, in probability.</summary>
    private const string LargestGraphDifference = "largest_graph_difference";

    /// <summary>The same of the graph for CUDA, run on the CPU.</summary>
    private const string LargestCudaGraphDifference = "largest_cuda_graph_difference";

    /// <summary>The same of explanations: how far contributions and base value are from the margin, in log-odds.</summary>
    private const string LargestExplanationDifference = "largest_explanation_difference";

    private readonly TrainOptions _options = new();

    /// <summary>The command for the root command.</summary>
    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var train = new TrainCommand(console, time);
        var command = new Command("train", "Learn an ensemble from an event log, prove the exported graph equal to it, and write its bundle.");
        train._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => train.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var models = parsed.GetRequiredValue(_options.Models).FullName;
        var folder = Path.Combine(models, parsed.GetRequiredValue(_options.Model), parsed.GetRequiredValue(_options.Version));
        var replace = parsed.GetValue(_options.Replace);
        BundleWriter.Prepare(folder, replace);
        var catalogue = CatalogueFile.Read(models);
        var learned = console.Progress().Columns(Bars.Columns).Start(context => Learn(parsed, catalogue, new Bars(context), cancellation));
        var hash = BundleWriter.Write(folder, learned.Graph, learned.Manifest, catalogue, CatalogueFile.Bytes(models), replace,
            (ModelManifest.CudaGraphFileName, CudaGraph.Of(learned.Graph)), (QualityReport.FileName, learned.Quality.ToBytes()));
        Tables.Print(console, learned.Manifest.Metrics, learned.Manifest.Operating);
        Tables.Print(console, learned.Choice);
        Tables.Print(console, learned.Members);
        QualityTables.PrintWarnings(console, learned.Quality);
        // The bundle is there: what is left is not to be cancelled.
        var run = Record(parsed, learned, folder, time.GetElapsedTime(start), CancellationToken.None);
        var output = parsed.InvocationConfiguration.Output;
        output.WriteLine($"SHA-256 of {ModelManifest.GraphFileName}: {hash}");
        output.WriteLine($"Run {run.Id} in {RunsPath(parsed)}");
        output.WriteLine(folder);
        return ExitCode.Success;
    }

    private Learned Learn(ParseResult parsed, FeatureCatalogue catalogue, Bars bars, CancellationToken cancellation)
    {
        var (log, models) = (parsed.GetRequiredValue(_options.Log).FullName, parsed.GetRequiredValue(_options.Models).FullName);
        var (policy, costs) = (PolicyFile.Read(models, catalogue), CostsFile.Read(parsed.GetValue(_options.Costs), models));
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
        var thresholds = bars.Of("Find thresholds", () => FoundThresholds.Find(
            ensemble.PredictProbabilities(calibrated), calibrated.Labels, [.. history.LaterPayments.Skip(history.Later.Rows - calibrated.Rows)], costs,
            catalogue.ReferenceCurrency));
        var probabilities = ensemble.PredictProbabilities(history.Test);
        var evaluation = ModelEvaluation.Of(probabilities, history.Test.Labels, history.TestPayments);
        var members = bars.Of("Leave members out", () => Ablation.Of(ensemble, history.Test, cancellation));
        var graph = ensemble.ToOnnx();
        var bytes = graph.ToByteArray();
        evaluation.Metrics[LargestGraphDifference] = Math.Round(bars.Of("Compare the graph", () => GraphParity.Check(bytes, history.Test, probabilities)), 9);
        evaluation.Metrics[LargestCudaGraphDifference] = Math.Round(
            bars.Of("Compare the graph for CUDA", () => GraphParity.Check(CudaGraph.Of(bytes), history.Test, probabilities)), 9);
        evaluation.Metrics[LargestExplanationDifference] = Math.Round(
            bars.Of("Compare explanations", () => ExplanationParity.Check(graph, ensemble, history.Test)), 9);
        var manifest = new ModelManifest
        {
            Format = ModelManifest.CurrentFormat,
            Model = parsed.GetRequiredValue(_options.Model),
            Version = parsed.GetRequiredValue(_options.Version),
            CatalogueHash = catalogue.Hash,
            PolicyHash = policy.Hash,
            Features = ensemble.FeatureNames,
            Members = ensemble.Members.Present,
            Files = [],
            Thresholds = thresholds.Plan,
            Costs = costs,
            Operating = thresholds.Operate(probabilities, history.Test.Labels, history.TestPayments),
            Metrics = evaluation.Metrics,
            Lineage = Lineage.Of(_options.Command(parsed), log, book, split, history, search.Best.Folds),
            Parameters = ParametersOf(search, ensemble, members),
        };
        return new Learned(manifest, members, ensemble.Choice, bytes, search, ensemble.Folds, quality);
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
        DataHash = learned.Manifest.Lineage.EventLogSha256,
        CatalogueHash = learned.Manifest.CatalogueHash,
        Seed = parsed.GetRequiredValue(_options.Seed),
        Folds = learned.Folds?.Folds ?? [],
        Considered = learned.Choice?.Considered ?? [],
        Trials = learned.Search.Trials,
        Metrics = learned.Manifest.Metrics,
        DurationSeconds = Math.Round(duration.TotalSeconds, 1),
        BundleHash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, ModelManifest.FileName)))),
    };

    private string RunsPath(ParseResult parsed) => parsed.GetValue(_options.Runs)?.FullName
        ?? Path.Combine(parsed.GetRequiredValue(_options.Log).DirectoryName!, RunLog.FileName);

    private static SortedDictionary<string, string> ParametersOf(SearchResult search, TrainedEnsemble ensemble, IReadOnlyList<Ablation> members)
    {
        var parameters = new SortedDictionary<string, string>
        {
            ["trees"] = search.Best.Trees.ToText(),
            ["forest"] = search.Best.Forest.ToText(),
            ["boosted_trees"] = Invariant($"{ensemble.Members.Boosted}"),
            ["parameters_tried"] = Invariant($"{search.Trials.Count}"),
        };
        foreach (var (member, weight, alone, without) in members)
        {
            parameters[$"member_{member}"] = Invariant(
                $"weight {weight:0.####}; average precision on the test {alone.AveragePrecision:0.####} alone")
                + (without is { } rest ? Invariant($", {rest.AveragePrecision:0.####} without it") : "");
        }
        foreach (var (number, set) in (ensemble.Choice?.Considered ?? []).Index())
        {
            parameters[Invariant($"members_considered_{number + 1:00}")] = Invariant(
                $"{string.Join(", ", set.Members)}: on the folds average precision {set.AveragePrecision:0.####}{Interval(set.Gain)}, ")
                + Invariant($"AUC {set.AreaUnderRoc:0.####}{Interval(set.AucGain)}");
        }
        foreach (var fold in ensemble.Folds?.Folds ?? [])
        {
            var precision = fold.AveragePrecision.Select(member => Invariant($"{member.Key} {member.Value:0.####}"));
            parameters[$"fold_{fold.Number}"] =
                Invariant($"{Day(fold.FromMs)} to {Day(fold.ToMs)}, {fold.Rows} payments, {fold.Frauds} frauds, learned from {fold.TrainRows}; ")
                + $"average precision: {string.Join(", ", precision)}";
        }
        return parameters;
    }

    private static string Interval(Gain? gain) => gain is null ? "" : Invariant($" (gain {gain.AtLeast:0.####} to {gain.AtMost:0.####})");

    private static string Day(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>What training gave, before it is written.</summary>
    private sealed record Learned(
        ModelManifest Manifest, IReadOnlyList<Ablation> Members, MemberChoice? Choice, byte[] Graph, SearchResult Search, OutOfFold? Folds,
        QualityReport Quality);
}
