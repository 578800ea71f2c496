using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Quality;

/// <summary>An even sample of the rows a model learns from and is tested on, in order of time.</summary>
internal sealed class MatrixSample
{
    private const int MostRowsOfAPart = 50_000;
    private readonly TrainingMatrix[] _parts;

    public MatrixSample(ReplayedHistory history) => _parts = [history.Fit, history.Later, history.Test];

    /// <summary>How many rows of the sample are of the part that members are fitted on.</summary>
    public int FitRows => RowsOf(_parts[0]).Count();

    /// <summary>How many rows of the sample are of the test.</summary>
    public int TestRows => RowsOf(_parts[2]).Count();

    /// <summary>Which rows of the sample are frauds.</summary>
    public bool[] Frauds => [.. _parts.SelectMany(part => RowsOf(part).Select(row => part.Labels[row] > 0))];

    /// <summary>The features as columns; each is made when it is asked for.</summary>
    public IEnumerable<QualityColumn> Columns() => _parts[0].FeatureNames.Select((name, feature) => new QualityColumn(
        name,
        [.. _parts.SelectMany(part => RowsOf(part).Select(row => (double)part.Row(row)[feature]))],
        _parts[0].CategoricalFeatures.Contains(feature) ? ColumnKind.Category : ColumnKind.Number));

    private static IEnumerable<int> RowsOf(TrainingMatrix part)
    {
        var stride = Math.Max(1, (part.Rows + MostRowsOfAPart - 1) / MostRowsOfAPart);
        return Enumerable.Range(0, (part.Rows + stride - 1) / stride).Select(i => i * stride);
    }
}
