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

/// <summary>
/// Trains a model: from an event log to a bundle on disk and a record in the run log. The same request gives the same bundle.
/// </summary>
/// <remarks>
/// The log is split by time. Fit, calibration and test are separate periods:
/// <code>
/// event log   |  warm-up  |            fit             |   calibration   |   gap   |   test   |
///             |  history  |  members, folds, stacker   |  map, thresholds| history | measured |
/// </code>
/// The stages, with the same numbers in <see cref="Run"/>:
///  1 ReadLog         reads the log once, for its labels and its time span
///  2 Split           splits the time span into parts
///  3 Replay          replays the payments into rows of features, as the service would have computed them
///  4 Learn           cross-validates the members (models of the ensemble), chooses among them, trains the chosen ones on all fit rows
///  5 Stack           fits the weights of their margins (raw scores) to the out-of-fold predictions
///  6 Calibrate       maps the stacked margin to a probability, on the calibration rows
///  7 FindThresholds  finds the thresholds with the lowest cost on the calibration rows
///  8 Evaluate        measures the finished model on the test rows
///  9 Export          writes the ensemble as ONNX graphs, for CPU and GPU
/// 10 ProveParity     fails the run if graphs or explanations differ from the trainer's own
/// 11 WriteBundle     writes the bundle atomically and appends the run to the run log
/// </remarks>
/// <param name="request">The options.</param>
/// <param name="time">The clock, for the run log.</param>
/// <param name="progress">Receives stages and steps.</param>
internal sealed class TrainingRun(TrainRequest request, TimeProvider time, RunProgress progress)
{
    // Calibration needs some hundreds of frauds that the members have not seen; members and folds get the rest.
    private const double CalibrationShare = 0.25;

    /// <summary>Runs all stages.</summary>
    /// <param name="cancellation">Checked until the bundle is written; a written bundle always gets its record in the run log.</param>
    /// <exception cref="ArgumentException">The log is too short, or a part of it lacks frauds or legitimate payments.</exception>
    /// <exception cref="InvalidDataException">An input is invalid, or a graph differs from the trainer.</exception>
    /// <exception cref="IOException">An input cannot be read, or the bundle exists or cannot be written.</exception>
    public TrainingOutcome Run(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        // First, so that an existing version fails the run before the training and not after it.
        BundleWriter.Prepare(request.Folder, request.Replace);
        var settings = TrainingSettings.Load(request);

        // 1 ReadLog
        Enter(TrainingStage.ReadLog);
        var seen = new LogQuality(settings.Rates);
        var book = progress.Run("Read labels", () => LabelBook.Create(seen.Watch(EventLogReader.Read(request.Log))));

        // 2 Split
        Enter(TrainingStage.Split);
        var maturity = LabelMaturity.Estimate(book, request.MatureShare);
        var split = TimeSplit.Cut(book, maturity, request.WarmUpDays, request.GapDays, request.TestDays, CalibrationShare);

        // 3 Replay
        Enter(TrainingStage.Replay);
        var history = progress.Run("Replay payments", book.Payments, payments =>
            ReplayedHistory.Replay(
                request.Log, settings.Catalogue, settings.Rates, request.LabelHorizonMs, book, split, payments, cancellation));
        var quality = progress.Run("Check data quality", () => QualityReport.Create(seen, history));

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
        var learned = new LearnedModel(book, maturity, split, history, search, ensemble);

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
        : progress.Run("Search parameters", request.Trials * ParameterSearch.Members, trials =>
            ParameterSearch.Run(history.Fit, request.Parameters, request.Trials, trials, cancellation));

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
        var members = progress.Run("Evaluate without each member", () => Ablation.Measure(ensemble, test, cancellation));
        return new JudgedModel(
            thresholds, probabilities, evaluation.Metrics, thresholds.Operate(probabilities, test.Labels, payments), members);
    }

    private void ProveParity(ExportedGraphs graphs, TrainedEnsemble ensemble, TrainingMatrix test, JudgedModel judged)
    {
        // Differences of probabilities.
        Compare("largest_graph_difference", "Compare the graph with the trainer",
            () => GraphParity.Check(graphs.Bytes, test, judged.Probabilities));
        Compare("largest_cuda_graph_difference", "Compare the CUDA twin with the trainer",
            () => GraphParity.Check(graphs.CudaBytes, test, judged.Probabilities));
        // Differences of log-odds: base value plus contributions against the margin.
        Compare("largest_explanation_difference", "Compare explanations with the trainer",
            () => ExplanationParity.Check(graphs.Model, ensemble, test));

        void Compare(string metric, string step, Func<double> check) => judged.Metrics[metric] = Math.Round(progress.Run(step, check), 9);
    }

    private string WriteBundle(ModelManifest manifest, TrainingSettings settings, ExportedGraphs graphs, QualityReport quality) =>
        BundleWriter.Write(request.Folder, graphs.Bytes, manifest, settings.Catalogue, CatalogueFile.Bytes(request.Models), request.Replace,
            (ModelManifest.CudaGraphFileName, graphs.CudaBytes), (QualityReport.FileName, quality.ToBytes()),
            (QualityPage.FileName, new QualityPage($"{manifest.Model}/{manifest.Version}", quality).ToBytes()));

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
        LabelMaturity = manifest.Lineage.LabelMaturity,
        Metrics = manifest.Metrics,
        DurationSeconds = Math.Round(duration.TotalSeconds, 1),
        BundleHash = ContentHash.Compute(File.ReadAllBytes(Path.Combine(request.Folder, ModelManifest.FileName))),
    }, CancellationToken.None);
}
