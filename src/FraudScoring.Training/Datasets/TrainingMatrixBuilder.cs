using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Collects rows, in order of time, into a <see cref="TrainingMatrix"/>. Building it does not copy the features.
/// </summary>
internal sealed class TrainingMatrixBuilder
{
    // LightGBM writes names into lines and into JSON, and separates them with spaces.
    private static readonly System.Buffers.SearchValues<char> Forbidden = System.Buffers.SearchValues.Create(" \t\r\n\",:[]{}");

    private readonly string[] _names;
    private readonly int[] _categorical;
    private readonly List<float[]> _chunks = [];
    private readonly List<float> _labels = [];
    private readonly List<float> _weights = [];
    private readonly List<RowOrigin> _origins = [];

    /// <param name="featureNames">Unique, not empty, without spaces, quotes, commas, colons or brackets.</param>
    /// <param name="categorical">Columns that hold category codes; null for none.</param>
    /// <exception cref="ArgumentException">Names or columns are faulty; the message holds all faults.</exception>
    public TrainingMatrixBuilder(IReadOnlyList<string> featureNames, IReadOnlyList<int>? categorical = null)
    {
        _names = [.. featureNames];
        _categorical = [.. (categorical ?? []).Order()];
        var faults = new Faults();
        Check(faults);
        faults.ThrowIfAny();
    }

    public int Rows => _labels.Count;

    /// <summary>Adds one row.</summary>
    /// <param name="features">One value per feature name; NaN is missing.</param>
    /// <param name="label">1 for fraud, 0 for legitimate.</param>
    /// <param name="weight">Finite, at least 0.</param>
    /// <param name="origin">The payment behind the row; omit it where nothing depends on it.</param>
    public void Add(ReadOnlySpan<float> features, float label, float weight = 1, RowOrigin origin = default)
    {
        if (features.Length != _names.Length)
        {
            throw new ArgumentException($"a row must have {_names.Length} features, this one has {features.Length}", nameof(features));
        }
        if (label is not (0 or 1))
        {
            throw new ArgumentOutOfRangeException(nameof(label), "a label must be 0 (legitimate) or 1 (fraud)");
        }
        if (!(weight >= 0) || float.IsInfinity(weight))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), "a weight must be finite and not negative");
        }
        var inChunk = Rows % TrainingMatrix.ChunkRows;
        if (inChunk == 0)
        {
            _chunks.Add(GC.AllocateUninitializedArray<float>(TrainingMatrix.ChunkRows * _names.Length));
        }
        features.CopyTo(_chunks[^1].AsSpan(inChunk * _names.Length));
        _labels.Add(label);
        _weights.Add(weight);
        _origins.Add(origin);
    }

    /// <summary>Returns the rows added so far. More rows may be added afterwards; the matrix does not include them.</summary>
    public TrainingMatrix Build() =>
        new(_names, _categorical, [.. _chunks], [.. _labels], [.. _weights], [.. _origins], start: 0, Rows);

    private void Check(Faults faults)
    {
        if (_names.Length == 0)
        {
            faults.Add("features", "must not be empty");
        }
        for (var i = 0; i < _names.Length; i++)
        {
            if (_names[i].Length == 0 || _names[i].AsSpan().ContainsAny(Forbidden))
            {
                faults.Add($"features[{i}]", "a name must not be empty or contain spaces, quotes, commas, colons or brackets");
            }
        }
        foreach (var twice in _names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add("features", $"'{twice.Key}' occurs {twice.Count()} times; names must be unique");
        }
        foreach (var column in _categorical.Where(c => c < 0 || c >= _names.Length))
        {
            faults.Add("categorical", $"column {column} does not exist; columns are 0 to {_names.Length - 1}");
        }
        if (_categorical.Distinct().Count() != _categorical.Length)
        {
            faults.Add("categorical", "a column must be listed only once");
        }
    }
}
