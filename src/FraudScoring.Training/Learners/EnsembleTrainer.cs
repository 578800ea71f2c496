using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Trains an ensemble so that each step is fitted to predictions of rows the previous step has not seen: the stacker to out-of-fold
/// predictions within the fit rows, calibration to predictions of the later rows. The members themselves are trained on all fit rows.
/// </summary>
internal static class EnsembleTrainer
{
    /// <summary>Trains an ensemble; the same rows and parameters give the same ensemble.</summary>
    /// <param name="fit">Rows for the members and the folds, in order of time.</param>
    /// <param name="later">Rows for calibration, and without folds for the stacker; in order of time, all after the fit rows.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="progress">Receives reports in order, on the calling thread or a pool thread.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="ArgumentException">
    /// Parameters are out of range (the message holds all faults), or a part of the rows lacks a class.
    /// </exception>
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

    /// <summary>First step of <see cref="Train"/>: predicts the folds, chooses members, and trains them on all fit rows.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Train"/>; checks the input of all steps.</exception>
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

        var names = choice?.Members ?? parameters.Members;
        var members = EnsembleMembers.Train(names, fit, parameters, folds?.BoostedTrees, progress, cancellation);
        return new LearnedMembers(fit.FeatureNames, members, folds, choice);
    }

    /// <summary>Second step: fits the stacker to the out-of-fold predictions, or without folds to the earliest of the later rows.</summary>
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

    /// <summary>Last step: fits the calibration to rows that neither members nor stacker were fitted to.</summary>
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

    /// <summary>The later rows that calibration is fitted to.</summary>
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
