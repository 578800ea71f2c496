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
        var history = run.Run("Score payments", Math.Max(1, book.Payments), progress =>
            GateHistory.Replay(inputs, book, survey, progress, cancellation));
        var (challenger, champion, labels) = (history.Challenger, history.Champion, history.Labels);
        var differences = inputs.Champion is null ? null : Compare(history, challenger, champion, labels);
        var (runs, batched) = run.Run("Change payments", RobustnessRuns.Work(history, inputs.Catalogue), progress =>
            RobustnessRuns.Run(history, inputs.Catalogue, inputs.Challenger.Bundle, Settings, progress, cancellation));
        double[] oneByOne = [.. history.Sample.Select(i => challenger[i])];
        var race = inputs.Champion is null ? null : run.Run("Time both graphs", Settings.Latency.Runs, progress =>
            LatencyRace.Run(inputs.Challenger, inputs.Champion, history.Rows, Settings.Latency.Runs, time, progress));
        int[] days = [.. history.Payments.Select(p => p.Day)];
        var folds = PeriodFold.Cut(challenger, labels, days, Settings.Stability);
        var segments = history.Segments.Select(s => FairnessSegment.Create(s.Field.Name, s.Groups, challenger, labels,
            i => FlaggedFrom(history.Payments[i]), Settings.Fairness)).ToArray();
        var manifests = new[] { inputs.Challenger, inputs.Champion }.OfType<Ensemble>()
            .Select(ensemble => ensemble.Bundle.Manifest).ToArray();
        var firstDay = (int)Math.Max(days.Min(), inputs.FromMs / Days.Milliseconds);
        GateResult[] gates =
        [
            .. PeriodGates.Judge(firstDay, manifests, labels, Settings.Period),
            .. QualityGates.Judge(differences, Settings.Quality),
            CalibrationGate.Judge(challenger, labels, Settings.Calibration),
            .. StabilityGates.Judge(folds, Settings.Stability),
            .. RobustnessGates.Judge(runs, Settings.Robustness),
            .. FairnessGates.Judge(segments, Settings.Fairness),
            LatencyRace.Gate(race, Settings.Latency),
            .. ParityGates.Judge(inputs.Challenger.Bundle.Manifest, inputs.Catalogue, oneByOne, batched, Settings.Parity),
        ];
        return new GateReport
        {
            Challenger = inputs.Challenger.Bundle,
            Champion = inputs.Champion?.Bundle,
            Settings = Settings,
            SettingsHash = inputs.SettingsHash,
            LogHash = hash,
            Period = new GatePeriod(
                firstDay, days.Max(), labels.Length, labels.Count(fraud => fraud), history.Payments.Select(p => p.Card).Distinct().Count()),
            Gates = Waiver.Apply(gates, inputs.Waivers),
            Waivers = inputs.Waivers,
            Models = [.. Qualities(history, challenger, champion, labels)],
            Differences = differences,
            Folds = folds,
            Robustness = runs,
            Fairness = segments,
            Latency = race,
        };
    }

    // Cards are resampled, not payments: payments of one card resemble each other, and resampling them one by one would make the interval
    // too narrow. Both models are measured on the same resample, which cancels out how hard its payments are to rank; separate intervals
    // would overlap even where one model is better on every resample.
    private RankingDifferences Compare(GateHistory history, double[] challenger, double[] champion, bool[] labels)
    {
        long[] cards = [.. history.Payments.Select(p => p.Card)];
        var options = new BootstrapOptions(Settings.Quality.Resamples, Settings.Quality.Confidence, (ulong)Settings.Seed);
        return run.Run("Resample cards", Settings.Quality.Resamples, progress =>
            PairedBootstrap.Compare(challenger, champion, labels, cards, options, progress));
    }

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

    private IEnumerable<ModelQuality> Qualities(GateHistory history, double[] challenger, double[] champion, bool[] labels)
    {
        yield return Quality("challenger", inputs.Challenger.Bundle.Manifest, challenger);
        if (inputs.Champion is { } compared)
        {
            yield return Quality("champion", compared.Bundle.Manifest, champion);
        }

        ModelQuality Quality(string slot, ModelManifest manifest, double[] probabilities)
        {
            var truth = Array.ConvertAll(labels, fraud => fraud ? 1f : 0f);
            var byRates = ThresholdChooser.Choose(probabilities, truth, ThresholdChooser.UsualRates);
            var operating = new OperatingTable(manifest.Thresholds, manifest.Costs, byRates, inputs.Catalogue.ReferenceCurrency);
            return new(
                slot, manifest, ModelEvaluation.Create(probabilities, truth, history.Payments),
                operating.Rows(probabilities, truth, history.Payments),
                CalibrationMetrics.Reliability(probabilities, labels), RankingMetrics.OperatingPoints(probabilities, labels));
        }
    }
}
