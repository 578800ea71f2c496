using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Trains an ensemble in order of time, so that every step is fitted to predictions of rows it comes after: the stacker to those of folds
/// within the fit rows, whose members knew only what was known then; the members on all fit rows; calibration on the later rows.
/// </summary>
internal static class EnsembleTrainer
{
    /// <summary>Trains an ensemble; the same rows and parameters give the same ensemble.</summary>
    /// <param name="fit">Rows for the members and the folds, in order of time.</param>
    /// <param name="later">Rows for calibration, in order of time, all after the fit rows; without folds for the stacker too.</param>
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
        var (stacking, calibrating) = (Stacking(later, parameters), Calibrating(later, parameters));
        TwoClasses.Check(fit, "fit");
        TwoClasses.Check(calibrating, "calibration");

        var folds = parameters.Folds > 0 ? OutOfFold.Predict(fit, parameters, new FoldReport(progress), cancellation) : null;
        var choice = parameters.ChooseMembers ? MemberChoice.Of(folds!, cancellation) : null;
        progress?.Report(new TrainingProgress(TrainingStage.Folds, 1));

        var members = EnsembleMembers.Train(choice?.Members ?? parameters.Members, fit, parameters, folds?.BoostedTrees, progress, cancellation);

        var stacker = folds is null
            ? Stacker.Fit(members.PredictMargins(stacking), stacking, cancellation)
            : Stacker.Fit(folds.MarginsOf(members.Present), folds.Rows, cancellation);
        progress?.Report(new TrainingProgress(TrainingStage.Stacking, 1));

        var calibration = CalibrationFit.Fit(stacker.PredictMargins(members.PredictMargins(calibrating)), calibrating);
        progress?.Report(new TrainingProgress(TrainingStage.Calibration, 1));
        return new TrainedEnsemble(fit.FeatureNames, members, stacker, calibration) { Folds = folds, Choice = choice };
    }

    /// <summary>The later rows that calibration learns from.</summary>
    public static TrainingMatrix Calibrating(TrainingMatrix later, EnsembleParameters parameters)
    {
        var stacked = Stacking(later, parameters).Rows;
        return later.Slice(stacked, later.Rows - stacked);
    }

    private static TrainingMatrix Stacking(TrainingMatrix later, EnsembleParameters parameters) =>
        later.Slice(0, parameters.Folds > 0 ? 0 : (int)(later.Rows * parameters.StackingShare));

    private static void Check(TrainingMatrix fit, TrainingMatrix later, EnsembleParameters parameters)
    {
        var faults = parameters.Faults().ToList();
        if (!fit.FeatureNames.SequenceEqual(later.FeatureNames, StringComparer.Ordinal))
        {
            faults.Add(new Fault("later", "must have the features of the fit rows, in the same order"));
        }
        Fault.ThrowIfAny(faults);
    }

    private sealed class FoldReport(IProgress<TrainingProgress>? progress) : IProgress<double>
    {
        public void Report(double value) => progress?.Report(new TrainingProgress(TrainingStage.Folds, value));
    }
}
