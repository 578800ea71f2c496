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
        IProgress<LearningProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var learned = Learn(fit, later, parameters, progress, cancellation);
        var stacker = Stack(learned, later, parameters, progress, cancellation);
        return Calibrate(learned, stacker, later, parameters, progress);
    }

    /// <summary>The first step of <see cref="Train"/>: folds, the choice of members, and the members on all fit rows.</summary>
    /// <exception cref="ArgumentException">As there, for all steps.</exception>
    public static LearnedMembers Learn(
        TrainingMatrix fit, TrainingMatrix later, EnsembleParameters parameters, IProgress<LearningProgress>? progress,
        CancellationToken cancellation)
    {
        Check(fit, later, parameters);
        TwoClasses.Check(fit, "fit");
        TwoClasses.Check(Calibrating(later, parameters), "calibration");

        var folds = parameters.Folds > 0 ? OutOfFold.Predict(fit, parameters, new FoldReport(progress), cancellation) : null;
        var choice = parameters.ChooseMembers ? MemberChoice.Choose(folds!, cancellation) : null;
        progress?.Report(new LearningProgress(LearningStep.Folds, 1));

        var members = EnsembleMembers.Train(choice?.Members ?? parameters.Members, fit, parameters, folds?.BoostedTrees, progress, cancellation);
        return new LearnedMembers(fit.FeatureNames, members, folds, choice);
    }

    /// <summary>The second step: fits the stacker to the folds' predictions, or without folds to the earliest of the later rows.</summary>
    public static Stacker Stack(
        LearnedMembers learned, TrainingMatrix later, EnsembleParameters parameters, IProgress<LearningProgress>? progress,
        CancellationToken cancellation)
    {
        var stacking = Stacking(later, parameters);
        var stacker = learned.Folds is { } folds
            ? Stacker.Fit(folds.MarginsOf(learned.Members.Present), folds.Rows, cancellation)
            : Stacker.Fit(learned.Members.PredictMargins(stacking), stacking, cancellation);
        progress?.Report(new LearningProgress(LearningStep.Stacking, 1));
        return stacker;
    }

    /// <summary>The last step: fits the calibration to rows that neither members nor stacker have learned from.</summary>
    public static TrainedEnsemble Calibrate(
        LearnedMembers learned, Stacker stacker, TrainingMatrix later, EnsembleParameters parameters, IProgress<LearningProgress>? progress)
    {
        var calibrating = Calibrating(later, parameters);
        var calibration = CalibrationFit.Fit(stacker.PredictMargins(learned.Members.PredictMargins(calibrating)), calibrating);
        progress?.Report(new LearningProgress(LearningStep.Calibration, 1));
        return new TrainedEnsemble(learned.FeatureNames, learned.Members, stacker, calibration)
        {
            Folds = learned.Folds, Choice = learned.Choice,
        };
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
        var faults = new Faults();
        parameters.Check(faults);
        if (!fit.FeatureNames.SequenceEqual(later.FeatureNames, StringComparer.Ordinal))
        {
            faults.Add("later", "must have the features of the fit rows, in the same order");
        }
        faults.ThrowIfAny();
    }

    private sealed class FoldReport(IProgress<LearningProgress>? progress) : IProgress<double>
    {
        public void Report(double value) => progress?.Report(new LearningProgress(LearningStep.Folds, value));
    }
}
