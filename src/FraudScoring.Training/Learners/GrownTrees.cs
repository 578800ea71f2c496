using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>Trees grown by LightGBM. The margin of a row is the sum of its leaves, in log-odds.</summary>
/// <param name="ModelText">The model in LightGBM's text format.</param>
/// <param name="Features">Number of features they were trained on.</param>
internal sealed record GrownTrees(string ModelText, int Features) : IEnsembleMember
{
    public int Count => LightGbmModelText.Parse(ModelText).Trees.Count;

    public double[] PredictMargins(TrainingMatrix matrix)
    {
        var margins = new double[matrix.Rows];
        Predict(matrix, LightGbmNative.PredictRawScore, 1, margins);
        return margins;
    }

    /// <summary>
    /// The contribution of each feature to each row's margin: exact path-dependent TreeSHAP (Lundberg et al., 2018).
    /// Row-major, rows × (features + 1). The last number of a row is the mean margin, and the numbers of a row add up to its margin.
    /// </summary>
    public double[] PredictContributions(TrainingMatrix matrix)
    {
        var contributions = new double[checked(matrix.Rows * (Features + 1))];
        Predict(matrix, LightGbmNative.PredictContributions, Features + 1, contributions);
        return contributions;
    }

    /// <summary>The same trees with all margins reduced by a number.</summary>
    public GrownTrees Lowered(double by) => by == 0 ? this : this with { ModelText = LeafGrid.Snap(ModelText, -by) };

    private void Predict(TrainingMatrix matrix, int kind, int numbersPerRow, Span<double> results)
    {
        if (matrix.Features != Features)
        {
            throw new ArgumentException($"the trees were trained on {Features} features, the rows have {matrix.Features}", nameof(matrix));
        }
        using var booster = BoosterHandle.Load(ModelText);
        booster.Predict(matrix, kind, numbersPerRow, results);
    }
}
