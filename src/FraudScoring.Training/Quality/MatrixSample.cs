using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Quality;

/// <summary>An even sample of the rows that a model is trained and tested on, in order of time.</summary>
internal sealed class MatrixSample
{
    private const int MostRowsOfAPart = 50_000;
    private readonly TrainingMatrix[] _parts;

    public MatrixSample(ReplayedHistory history) => _parts = [history.Fit, history.Later, history.Test];

    /// <summary>Number of sampled rows of the fit part.</summary>
    public int FitRows => RowsOf(_parts[0]).Count();

    /// <summary>Number of sampled rows of the test part.</summary>
    public int TestRows => RowsOf(_parts[2]).Count();

    /// <summary>True for each sampled row that is a fraud.</summary>
    public bool[] Frauds => [.. _parts.SelectMany(part => RowsOf(part).Select(row => part.Labels[row] > 0))];

    /// <summary>The features as columns, one at a time: all of them together would need a second copy of the sample in memory.</summary>
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
