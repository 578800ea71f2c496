using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

/// <summary>How an ensemble is trained.</summary>
internal sealed record EnsembleParameters
{
    public BoostedTreesParameters Trees { get; init; } = new();

    public LogisticRegressionParameters Linear { get; init; } = new();

    /// <summary>Share of the fit rows, the latest, on which the trees see when to stop, 0 to 0.5; 0 grows all trees on all.</summary>
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>Share of the later rows, the earliest, for the stacker, 0.1 to 0.9; calibration gets the rest.</summary>
    public double StackingShare { get; init; } = 0.5;

    /// <summary>Everything outside its range, at once.</summary>
    public IEnumerable<Fault> Faults()
    {
        List<Fault> faults = [.. Trees.Faults(), .. Linear.Faults()];
        if (!(ValidationShare >= 0 && ValidationShare <= 0.5))
        {
            faults.Add(new Fault(nameof(ValidationShare), "must be 0 to 0.5"));
        }
        if (!(StackingShare >= 0.1 && StackingShare <= 0.9))
        {
            faults.Add(new Fault(nameof(StackingShare), "must be 0.1 to 0.9"));
        }
        return faults;
    }
}

/// <summary>Which part of the training runs.</summary>
internal enum TrainingStage
{
    Trees,
    Linear,
    Stacking,
    Calibration,
}

/// <summary>How far training is.</summary>
/// <param name="Stage">The part that runs.</param>
/// <param name="Fraction">Of that part, 0 to 1; 1 is told once when it ends.</param>
internal readonly record struct TrainingProgress(TrainingStage Stage, double Fraction);

/// <summary>
/// Trains an ensemble in order of time, so that every step is fitted to predictions of rows it comes after: members on the fit rows,
/// the stacker on the first of the later rows, calibration on the last.
/// </summary>
internal static class EnsembleTrainer
{
    /// <summary>Trains an ensemble; the same rows and parameters give the same ensemble.</summary>
    /// <param name="fit">Rows for the members, in order of time.</param>
    /// <param name="later">Rows for stacker and calibration, in order of time, all after the fit rows.</param>
    /// <param name="parameters">See there.</param>
    /// <param name="progress">Told from the calling thread or one of the pool, in order.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="ArgumentException">Parameters out of range (all faults at once), or a part of the rows lacks a class.</exception>
    public static TrainedEnsemble Train(
        TrainingMatrix fit,
        TrainingMatrix later,
        EnsembleParameters parameters,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Check(fit, later, parameters);
        var stackingRows = (int)(later.Rows * parameters.StackingShare);
        var (stacking, calibrating) = (later.Slice(0, stackingRows), later.Slice(stackingRows, later.Rows - stackingRows));
        TwoClasses.Check(fit, "fit");
        TwoClasses.Check(stacking, "stacking");
        TwoClasses.Check(calibrating, "calibration");

        var trees = GrowTrees(fit, parameters, progress, cancellation);
        var linear = LogisticRegression.Fit(fit, parameters.Linear, new Report(progress, TrainingStage.Linear), cancellation);
        progress?.Report(new TrainingProgress(TrainingStage.Linear, 1));

        var stacker = Stacker.Fit([trees.PredictMargins(stacking), linear.PredictMargins(stacking)], stacking, cancellation);
        progress?.Report(new TrainingProgress(TrainingStage.Stacking, 1));

        double[][] members = [trees.PredictMargins(calibrating), linear.PredictMargins(calibrating)];
        var calibration = CalibrationFit.Fit(stacker.PredictMargins(members), calibrating);
        progress?.Report(new TrainingProgress(TrainingStage.Calibration, 1));
        return new TrainedEnsemble(fit.FeatureNames, trees, linear, stacker, calibration);
    }

    private static BoostedTrees GrowTrees(
        TrainingMatrix fit, EnsembleParameters parameters, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var validationRows = (int)(fit.Rows * parameters.ValidationShare);
        var grown = BoostedTrees.Train(
            fit.Slice(0, fit.Rows - validationRows),
            validationRows > 0 ? fit.Slice(fit.Rows - validationRows, validationRows) : null,
            parameters.Trees,
            new TreeReport(progress),
            cancellation);
        progress?.Report(new TrainingProgress(TrainingStage.Trees, 1));
        return grown;
    }

    private static void Check(TrainingMatrix fit, TrainingMatrix later, EnsembleParameters parameters)
    {
        var faults = parameters.Faults().ToList();
        if (!fit.FeatureNames.SequenceEqual(later.FeatureNames, StringComparer.Ordinal))
        {
            faults.Add(new Fault("later", "must have the features of the fit rows, in the same order"));
        }
        if (faults.Count > 0)
        {
            throw new ArgumentException(Fault.Join(faults));
        }
    }

    private sealed class Report(IProgress<TrainingProgress>? progress, TrainingStage stage) : IProgress<double>
    {
        void IProgress<double>.Report(double value) => progress?.Report(new TrainingProgress(stage, value));
    }

    private sealed class TreeReport(IProgress<TrainingProgress>? progress) : IProgress<BoostingProgress>
    {
        void IProgress<BoostingProgress>.Report(BoostingProgress value) =>
            progress?.Report(new TrainingProgress(TrainingStage.Trees, (double)value.Trees / value.Most));
    }
}
