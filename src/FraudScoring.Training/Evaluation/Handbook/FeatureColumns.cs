namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Some of the features of many rows, in chunks, because one array cannot hold more than 2^31 values.</summary>
/// <param name="features">The indexes of the features in a full row.</param>
internal sealed class FeatureColumns(IReadOnlyList<int> features)
{
    private const int ChunkRows = 1 << 14;

    private readonly int[] _features = [.. features];
    private readonly List<float[]> _chunks = [];
    private int _rows;

    /// <summary>Adds the features of a full row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        if (_rows % ChunkRows == 0)
        {
            _chunks.Add(GC.AllocateUninitializedArray<float>(ChunkRows * _features.Length));
        }
        var values = ValuesOf(_rows++);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = row[_features[i]];
        }
    }

    /// <summary>Writes the features of an added row to their places in a full row.</summary>
    public void CopyTo(int index, Span<float> row)
    {
        var values = ValuesOf(index);
        for (var i = 0; i < values.Length; i++)
        {
            row[_features[i]] = values[i];
        }
    }

    private Span<float> ValuesOf(int index) =>
        _chunks[index / ChunkRows].AsSpan(index % ChunkRows * _features.Length, _features.Length);
}
