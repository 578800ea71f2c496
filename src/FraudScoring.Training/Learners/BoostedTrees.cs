using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>Progress of boosting.</summary>
/// <param name="Trees">Number of trees grown.</param>
/// <param name="Most">Maximum number of trees.</param>
/// <param name="ValidationLoss">Mean logistic loss on the validation rows; NaN without them.</param>
internal readonly record struct BoostingProgress(int Trees, int Most, double ValidationLoss);

/// <summary>Grows gradient-boosted decision trees with LightGBM (Ke et al., 2017). Their margin is in log-odds.</summary>
internal static class BoostedTrees
{
    /// <summary>Grows trees; the same rows and parameters give the same text.</summary>
    /// <param name="train">Rows of both classes.</param>
    /// <param name="validation">Rows that decide when to stop, later in time than the training rows; null to grow all trees.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="progress">Receives a report after each tree.</param>
    /// <param name="cancellation">Checked between trees.</param>
    /// <exception cref="ArgumentException">Parameters are out of range, or a class is missing.</exception>
    /// <exception cref="LightGbmException">LightGBM failed.</exception>
    public static GrownTrees Train(
        TrainingMatrix train,
        TrainingMatrix? validation,
        BoostedTreesParameters parameters,
        IProgress<BoostingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var text = parameters.ToText();
        TwoClasses.Check(train, "training");
        using var rows = DatasetHandle.Create(train, text);
        using var later = validation is { Rows: > 0 } ? DatasetHandle.Create(validation, text, rows) : null;
        using var booster = BoosterHandle.Create(rows, text);
        if (later is not null)
        {
            booster.AddValidation(later);
        }
        var best = Grow(booster, later is not null, parameters, progress, cancellation);
        return new GrownTrees(LeafGrid.Snap(booster.Text(best)), train.Features);
    }

    private static int Grow(
        BoosterHandle booster,
        bool validated,
        BoostedTreesParameters parameters,
        IProgress<BoostingProgress>? progress,
        CancellationToken cancellation)
    {
        var (best, bestLoss, trees) = (0, double.PositiveInfinity, 0);
        while (trees < parameters.Trees)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!booster.Update())
            {
                break;
            }
            trees++;
            var loss = validated ? booster.ValidationLoss() : double.NaN;
            progress?.Report(new BoostingProgress(trees, parameters.Trees, loss));
            if (loss < bestLoss)
            {
                (best, bestLoss) = (trees, loss);
            }
            if (validated && trees - best >= parameters.Patience)
            {
                break;
            }
        }
        return validated ? best : trees;
    }
}
