using FraudScoring.Core.Decisions;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Progress;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Runs every gate on a challenger.</summary>
/// <param name="inputs">The bundles, the log and the limits.</param>
/// <param name="time">Clock of the latency race.</param>
/// <param name="run">Receives the steps and their progress.</param>
internal sealed class GateRun(GateInputs inputs, TimeProvider time, RunProgress run)
{
    private GateSettings Settings => inputs.Settings;

    /// <summary>Runs all gates on the same payments.</summary>
    /// <exception cref="InvalidDataException">The log is damaged, or the period does not have payments of both classes.</exception>
    public GateReport Run(CancellationToken cancellation)
    {
        var hash = run.Run("Hash the log", () => EventLogReader.Hash(inputs.Log));
        var survey = new LogSurvey(inputs.FromMs);
        var book = run.Run("Read labels", () => LabelBook.Create(inputs.WithoutRate.Watch(survey.Watch(EventLogReader.Read(inputs.Log)))));
        var maturity = LabelMaturity.Estimate(book, inputs.MatureShare);
        var history = run.Run("Score payments", Math.Max(1, book.Payments), progress =>
            GateHistory.Replay(inputs, book, maturity, survey, progress, cancellation));
        var predictions = history.Predictions(inputs.Champion is not null);
        var findings = run.Run("Compare predictions", Settings.Quality.Resamples, progress =>
            PredictionFindings.Create(predictions, payment => FlaggedFrom(payment), Settings, progress));
        var (runs, batched) = run.Run("Change payments", RobustnessRuns.Work(history, inputs.Catalogue), progress =>
            RobustnessRuns.Run(history, inputs.Catalogue, inputs.Challenger.Bundle, Settings, progress, cancellation));
        double[] oneByOne = [.. history.Sample.Select(i => predictions.Challenger[i])];
        var race = inputs.Champion is null ? null : run.Run("Time both graphs", Settings.Latency.Runs, progress =>
            LatencyRace.Run(inputs.Challenger, inputs.Champion, history.Rows, Settings.Latency.Runs, time, progress));
        var manifests = new[] { inputs.Challenger, inputs.Champion }.OfType<Ensemble>()
            .Select(ensemble => ensemble.Bundle.Manifest).ToArray();
        var firstDay = (int)Math.Max(history.Payments.Min(payment => payment.Day), inputs.FromMs / Days.Milliseconds);
        GateResult[] gates =
        [
            .. PeriodGates.Judge(firstDay, manifests, predictions.Labels, Settings.Period),
            .. QualityGates.Judge(findings, Settings.Quality),
            .. CalibrationGates.Judge(findings.Calibration, Settings),
            .. StabilityGates.Judge(findings.Folds, Settings.Stability),
            .. RobustnessGates.Judge(runs, Settings.Robustness),
            .. FairnessGates.Judge(findings.Fairness, Settings.Fairness),
            LatencyRace.Gate(race, Settings.Latency),
            .. ParityGates.Judge(inputs.Challenger.Bundle.Manifest, inputs.Catalogue, oneByOne, batched, Settings.Parity),
        ];
        return Report(hash, new GatePeriod(
            firstDay, history.Payments.Max(payment => payment.Day), predictions.Labels.Length, predictions.Labels.Count(fraud => fraud),
            history.Payments.Select(payment => payment.Card).Distinct().Count(), maturity), gates, predictions, findings, runs, race);
    }

    private GateReport Report(
        string logHash, GatePeriod period, GateResult[] gates, GatePredictions predictions, PredictionFindings findings,
        RobustnessRun[] runs, LatencyRace? race) => new()
        {
            Challenger = inputs.Challenger.Bundle,
            Champion = inputs.Champion?.Bundle,
            Settings = Settings,
            SettingsHash = inputs.SettingsHash,
            LogHash = logHash,
            Period = period,
            Gates = Waiver.Apply(gates, inputs.Waivers),
            Waivers = inputs.Waivers,
            Models = [.. Qualities(predictions)],
            Differences = findings.Differences,
            Calibration = findings.Calibration,
            Folds = findings.Folds,
            Robustness = runs,
            Fairness = findings.Fairness,
            Latency = race,
        };

    private double FlaggedFrom(in TestPayment payment)
    {
        var thresholds = inputs.Challenger.Bundle.Thresholds.Select(payment.Traits);
        return Settings.Fairness.FlaggedFrom switch
        {
            Decision.Review => thresholds.Review,
            Decision.Challenge => thresholds.Challenge,
            _ => thresholds.Decline,
        };
    }

    private IEnumerable<ModelQuality> Qualities(GatePredictions predictions)
    {
        var labels = predictions.Labels;
        yield return Quality("challenger", inputs.Challenger.Bundle.Manifest, predictions.Challenger);
        if (inputs.Champion is { } compared)
        {
            yield return Quality("champion", compared.Bundle.Manifest, predictions.Champion!);
        }

        ModelQuality Quality(string slot, ModelManifest manifest, double[] probabilities)
        {
            var truth = Array.ConvertAll(labels, fraud => fraud ? 1f : 0f);
            var byRates = ThresholdChooser.Choose(probabilities, truth, ThresholdChooser.UsualRates);
            var operating = new OperatingTable(manifest.Thresholds, manifest.Costs, byRates, inputs.Catalogue.ReferenceCurrency);
            return new(
                slot, manifest, ModelEvaluation.Create(probabilities, truth, predictions.Payments),
                operating.Rows(probabilities, truth, predictions.Payments),
                CalibrationMetrics.Reliability(probabilities, labels), RankingMetrics.OperatingPoints(probabilities, labels));
        }
    }
}
