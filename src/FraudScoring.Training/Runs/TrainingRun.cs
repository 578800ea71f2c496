using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Export;
using FraudScoring.Training.Inputs;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Progress;
using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Runs;

/// <summary>Trains a model: from an event log to a bundle on disk and a line in the run log. The same request gives the same bundle.</summary>
/// <remarks>
/// The log is cut by time. Fit, calibration and test are separate periods:
/// <code>
/// event log   |  warm-up  |            fit             |   calibration   |   gap   |   test   |
///             |  history  |  members, folds, stacker   |  map, thresholds| history | measured |
/// </code>
/// The stages, numbered alike in <see cref="Run"/>:
///  1 ReadLog         reads the log once, for its labels and its span
///  2 Split           cuts that span by time
///  3 Replay          replays the payments into rows of features, as the service would have seen them
///  4 Learn           cross-validates the members (models of the ensemble), chooses among them, trains the chosen on all fit rows
///  5 Stack           fits the weights of their margins (raw scores) on the out-of-fold predictions
///  6 Calibrate       maps the stacked margin to a probability, on the calibration rows
///  7 FindThresholds  finds the thresholds with the lowest cost on the calibration rows
///  8 Evaluate        measures the finished model on the test rows
///  9 Export          writes the ensemble as ONNX graphs, for CPU and GPU
/// 10 ProveParity     fails the run if graphs or explanations differ from the trainer's own
/// 11 WriteBundle     writes the bundle, all of it or nothing, and adds the run to the run log
/// </remarks>
/// <param name="request">What is asked for.</param>
/// <param name="time">The clock, for the run log.</param>
/// <param name="progress">Told each stage and step.</param>
internal sealed class TrainingRun(TrainRequest request, TimeProvider time, RunProgress progress)
{
    // Members and folds learn from the rest; calibration needs some hundreds of frauds that they have not seen.
    private const double CalibrationShare = 0.25;

    /// <summary>Runs all stages.</summary>
    /// <param name="cancellation">Looked at until the bundle is written; what is left then is not to be cancelled.</param>
    /// <exception cref="ArgumentException">The log is too short, or a part of it lacks a class.</exception>
    /// <exception cref="InvalidDataException">An input is faulty, or a graph differs from the trainer.</exception>
    /// <exception cref="IOException">An input cannot be read, or the bundle exists or cannot be written.</exception>
    public TrainingOutcome Run(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        // First of all: a version that exists must not be found out about after the work.
        BundleWriter.Prepare(request.Folder, request.Replace);
        var settings = TrainingSettings.Load(request);

        // 1 ReadLog
        Enter(TrainingStage.ReadLog);
        var seen = new LogQuality();
        var book = progress.Run("Read labels", () => LabelBook.Create(seen.Watch(EventLogReader.Read(request.Log))));

        // 2 Split
        Enter(TrainingStage.Split);
        var split = TimeSplit.Cut(book, request.WarmUpDays, request.GapDays, request.TestDays, CalibrationShare);

        // 3 Replay
        Enter(TrainingStage.Replay);
        var history = progress.Run("Replay payments", book.Payments, told =>
            ReplayedHistory.Replay(request.Log, settings.Catalogue, book, split, told, cancellation));
        var quality = progress.Run("Judge quality", () => QualityReport.Create(seen, history));

        // 4 Learn
        Enter(TrainingStage.Learn);
        var search = Search(history, cancellation);
        var report = new LearningReport(progress);
        var members = EnsembleTrainer.Learn(history.Fit, history.Later, search.Best, report, cancellation);

        // 5 Stack
        Enter(TrainingStage.Stack);
        var stacker = EnsembleTrainer.Stack(members, history.Later, search.Best, report, cancellation);

        // 6 Calibrate
        Enter(TrainingStage.Calibrate);
        var ensemble = EnsembleTrainer.Calibrate(members, stacker, history.Later, search.Best, report);
        var learned = new LearnedModel(book, split, history, search, ensemble);

        // 7 FindThresholds
        Enter(TrainingStage.FindThresholds);
        var thresholds = progress.Run("Find thresholds", () => FindThresholds(learned, settings));

        // 8 Evaluate
        Enter(TrainingStage.Evaluate);
        var judged = Evaluate(ensemble, history, thresholds, cancellation);

        // 9 Export
        Enter(TrainingStage.Export);
        var graphs = ExportedGraphs.Create(ensemble);

        // 10 ProveParity
        Enter(TrainingStage.ProveParity);
        ProveParity(graphs, ensemble, history.Test, judged);

        // 11 WriteBundle
        Enter(TrainingStage.WriteBundle);
        var manifest = TrainedManifest.Create(request, settings, learned, judged);
        var hash = WriteBundle(manifest, settings, graphs, quality);
        var record = Record(manifest, learned, time.GetElapsedTime(start));
        return new TrainingOutcome(manifest, hash, ensemble.Choice, judged.Members, quality, record);
    }

    private void Enter(TrainingStage stage) => progress.Enter(stage.ToString());

    private SearchResult Search(ReplayedHistory history, CancellationToken cancellation) => request.Trials == 0
        ? new SearchResult(request.Parameters, [])
        : progress.Run("Search parameters", request.Trials * ParameterSearch.Members, told =>
            ParameterSearch.Run(history.Fit, request.Parameters, request.Trials, told, cancellation));

    private static FoundThresholds FindThresholds(LearnedModel learned, TrainingSettings settings)
    {
        var (history, later) = (learned.History, learned.History.Later);
        var calibrated = EnsembleTrainer.Calibrating(later, learned.Search.Best);
        return FoundThresholds.Find(
            learned.Ensemble.PredictProbabilities(calibrated), calibrated.Labels,
            [.. history.LaterPayments.Skip(later.Rows - calibrated.Rows)],
            settings.Costs, settings.Catalogue.ReferenceCurrency);
    }

    private JudgedModel Evaluate(
        TrainedEnsemble ensemble, ReplayedHistory history, FoundThresholds thresholds, CancellationToken cancellation)
    {
        var (test, payments) = (history.Test, history.TestPayments);
        var probabilities = ensemble.PredictProbabilities(test);
        var evaluation = ModelEvaluation.Create(probabilities, test.Labels, payments);
        var members = progress.Run("Leave members out", () => Ablation.Measure(ensemble, test, cancellation));
        return new JudgedModel(
            thresholds, probabilities, evaluation.Metrics, thresholds.Operate(probabilities, test.Labels, payments), members);
    }

    private void ProveParity(ExportedGraphs graphs, TrainedEnsemble ensemble, TrainingMatrix test, JudgedModel judged)
    {
        // In probability.
        Compare("largest_graph_difference", "Compare the graph", () => GraphParity.Check(graphs.Bytes, test, judged.Probabilities));
        Compare("largest_cuda_graph_difference", "Compare the graph for CUDA",
            () => GraphParity.Check(graphs.CudaBytes, test, judged.Probabilities));
        // In log-odds: contributions and base value against the margin.
        Compare("largest_explanation_difference", "Compare explanations", () => ExplanationParity.Check(graphs.Model, ensemble, test));

        void Compare(string metric, string step, Func<double> check) => judged.Metrics[metric] = Math.Round(progress.Run(step, check), 9);
    }

    private string WriteBundle(ModelManifest manifest, TrainingSettings settings, ExportedGraphs graphs, QualityReport quality) =>
        BundleWriter.Write(request.Folder, graphs.Bytes, manifest, settings.Catalogue, CatalogueFile.Bytes(request.Models), request.Replace,
            (ModelManifest.CudaGraphFileName, graphs.CudaBytes), (QualityReport.FileName, quality.ToBytes()));

    private RunRecord Record(ModelManifest manifest, LearnedModel learned, TimeSpan duration) => RunLog.Append(request.Runs, new RunRecord
    {
        Id = "",
        Time = time.GetUtcNow(),
        Command = request.CommandLine,
        Model = $"{manifest.Model}/{manifest.Version}",
        Parameters = FlatParameters.Flatten(learned.Search.Best),
        DataHash = manifest.Lineage.EventLogSha256,
        CatalogueHash = manifest.CatalogueHash,
        Seed = request.Seed,
        Folds = learned.Ensemble.Folds?.Folds ?? [],
        Considered = learned.Ensemble.Choice?.Considered ?? [],
        Trials = learned.Search.Trials,
        Metrics = manifest.Metrics,
        DurationSeconds = Math.Round(duration.TotalSeconds, 1),
        BundleHash = ContentHash.Compute(File.ReadAllBytes(Path.Combine(request.Folder, ModelManifest.FileName))),
    }, CancellationToken.None);
}
