namespace FraudScoring.Training.Learners;

/// <summary>How far boosting is.</summary>
/// <param name="Trees">Trees grown.</param>
/// <param name="Most">Trees at most.</param>
/// <param name="ValidationLoss">Mean logistic loss on the validation rows; NaN without them.</param>
internal readonly record struct BoostingProgress(int Trees, int Most, double ValidationLoss);

/// <summary>Gradient-boosted decision trees, grown by LightGBM (Ke et al., 2017). Their margin is in log-odds.</summary>
/// <param name="ModelText">LightGBM's text of the model.</param>
/// <param name="Features">Columns of the matrix they were trained on.</param>
internal sealed record BoostedTrees(string ModelText, int Features)
{
    /// <summary>Grows trees; the same rows and parameters give the same text.</summary>
    /// <param name="train">Rows of both classes.</param>
    /// <param name="validation">Rows that decide when to stop, later in time than the training rows; null to grow all trees.</param>
    /// <param name="parameters">See there.</param>
    /// <param name="progress">Told after each tree.</param>
    /// <param name="cancellation">Looked at between trees.</param>
    /// <exception cref="ArgumentException">Parameters out of range, or the rows cannot be learned from.</exception>
    /// <exception cref="LightGbmException">LightGBM refused.</exception>
    public static BoostedTrees Train(
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
        return new BoostedTrees(LeafGrid.Snap(booster.Text(best)), train.Features);
    }

    /// <summary>The margin of each row.</summary>
    public double[] PredictMargins(TrainingMatrix matrix)
    {
        var margins = new double[matrix.Rows];
        Predict(matrix, LightGbmNative.PredictRawScore, 1, margins);
        return margins;
    }

    /// <summary>
    /// How much each feature adds to each row's margin: exact path-dependent TreeSHAP (Lundberg et al., 2018).
    /// Row-major, rows × (features + 1); the last number of a row is the mean margin, and a row's sum is its margin.
    /// </summary>
    public double[] PredictContributions(TrainingMatrix matrix)
    {
        var contributions = new double[checked(matrix.Rows * (Features + 1))];
        Predict(matrix, LightGbmNative.PredictContributions, Features + 1, contributions);
        return contributions;
    }

    private void Predict(TrainingMatrix matrix, int kind, int numbersPerRow, Span<double> results)
    {
        if (matrix.Features != Features)
        {
            throw new ArgumentException($"the trees were trained on {Features} features, the rows have {matrix.Features}", nameof(matrix));
        }
        using var booster = BoosterHandle.Load(ModelText);
        booster.Predict(matrix, kind, numbersPerRow, results);
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
