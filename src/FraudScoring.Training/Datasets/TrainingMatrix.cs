namespace FraudScoring.Training.Datasets;

/// <summary>
/// Training rows: float32 features (NaN is missing), and per row a label (1 fraud, 0 legitimate), a weight and an origin. Rows are stored
/// row-major in chunks, because one array cannot hold more than 2^31 values; a slice shares the chunks.
/// </summary>
internal sealed class TrainingMatrix
{
    /// <summary>Rows per chunk; the last chunk may be only partly used.</summary>
    public const int ChunkRows = 1 << ChunkBits;

    private const int ChunkBits = 14;
    private readonly float[][] _chunks;
    private readonly float[] _labels;
    private readonly float[] _weights;
    private readonly RowOrigin[] _origins;
    private readonly int _start;

    internal TrainingMatrix(
        IReadOnlyList<string> featureNames,
        IReadOnlyList<int> categorical,
        float[][] chunks,
        float[] labels,
        float[] weights,
        RowOrigin[] origins,
        int start,
        int rows)
    {
        (FeatureNames, CategoricalFeatures) = (featureNames, categorical);
        (_chunks, _labels, _weights, _origins, _start, Rows) = (chunks, labels, weights, origins, start, rows);
    }

    /// <summary>One name per column, in column order.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Columns whose values are category codes (whole numbers from 0), in ascending order.</summary>
    public IReadOnlyList<int> CategoricalFeatures { get; }

    public int Features => FeatureNames.Count;

    public int Rows { get; }

    /// <summary>0 or 1 per row.</summary>
    public ReadOnlySpan<float> Labels => _labels.AsSpan(_start, Rows);

    /// <summary>One per row, at least 0; 1 by default.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(_start, Rows);

    /// <summary>The origin of each row; all equal where origins are not known.</summary>
    public ReadOnlySpan<RowOrigin> Origins => _origins.AsSpan(_start, Rows);

    public int Frauds
    {
        get
        {
            var frauds = 0;
            foreach (var label in Labels)
            {
                frauds += label > 0 ? 1 : 0;
            }
            return frauds;
        }
    }

    public ReadOnlySpan<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        var at = _start + row;
        return _chunks[at >> ChunkBits].AsSpan((at & (ChunkRows - 1)) * Features, Features);
    }

    /// <summary><paramref name="count"/> rows starting at <paramref name="start"/>, sharing the storage.</summary>
    public TrainingMatrix Slice(int start, int count)
    {
        if (start < 0 || count < 0 || start > Rows - count)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"rows {start} to {start + (long)count} are not within the {Rows} rows");
        }
        return new TrainingMatrix(FeatureNames, CategoricalFeatures, _chunks, _labels, _weights, _origins, _start + start, count);
    }

    /// <summary>
    /// The same rows with the labels known at a time: a fraud that became known later counts as legitimate, one taken back later as fraud.
    /// </summary>
    public TrainingMatrix AsKnownAt(long timeMs)
    {
        var labels = (float[])_labels.Clone();
        for (var row = _start; row < _start + Rows; row++)
        {
            var known = _origins[row].Known;
            labels[row] = known.Changes is null && labels[row] == 0 ? 0 : known.IsFraudAt(timeMs) ? 1 : 0;
        }
        return new TrainingMatrix(FeatureNames, CategoricalFeatures, _chunks, labels, _weights, _origins, _start, Rows);
    }

    /// <summary>The same rows, each weight multiplied by the row's factor.</summary>
    public TrainingMatrix Weighed(Func<int, double> factor)
    {
        var weights = (float[])_weights.Clone();
        for (var row = 0; row < Rows; row++)
        {
            weights[_start + row] = (float)(weights[_start + row] * factor(row));
        }
        return new TrainingMatrix(FeatureNames, CategoricalFeatures, _chunks, _labels, weights, _origins, _start, Rows);
    }

    /// <summary>A copy of the given rows, in the given order.</summary>
    public TrainingMatrix Select(ReadOnlySpan<int> rows)
    {
        var builder = new TrainingMatrixBuilder(FeatureNames, CategoricalFeatures);
        foreach (var row in rows)
        {
            builder.Add(Row(row), Labels[row], Weights[row], Origins[row]);
        }
        return builder.Build();
    }

    /// <summary>The rows as contiguous pieces, in order: array, offset of the first value, number of rows.</summary>
    public IEnumerable<(float[] Values, int Offset, int Rows)> Pieces()
    {
        for (var row = 0; row < Rows;)
        {
            var inChunk = (_start + row) & (ChunkRows - 1);
            var count = Math.Min(ChunkRows - inChunk, Rows - row);
            yield return (_chunks[(_start + row) >> ChunkBits], inChunk * Features, count);
            row += count;
        }
    }
}
