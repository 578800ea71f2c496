using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Takes rows one after another, in order of time, and makes a <see cref="TrainingMatrix"/> of them without copying them again.
/// </summary>
internal sealed class TrainingMatrixBuilder
{
    // LightGBM stores names in a text of lines and JSON, and separates them with spaces.
    private static readonly System.Buffers.SearchValues<char> Forbidden = System.Buffers.SearchValues.Create(" \t\r\n\",:[]{}");

    private readonly string[] _names;
    private readonly int[] _categorical;
    private readonly List<float[]> _chunks = [];
    private readonly List<float> _labels = [];
    private readonly List<float> _weights = [];
    private readonly List<RowOrigin> _origins = [];

    /// <param name="featureNames">Unique, not empty, without spaces, quotes, commas, colons and brackets.</param>
    /// <param name="categorical">Columns that hold category codes; null for none.</param>
    /// <exception cref="ArgumentException">With all faults of the names and columns.</exception>
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
    /// <param name="features">As many as there are names; NaN is missing.</param>
    /// <param name="label">1 for fraud, 0 for legitimate.</param>
    /// <param name="weight">Finite and not negative.</param>
    /// <param name="origin">When it happened and was known; leave it out where nothing depends on it.</param>
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

    /// <summary>The rows added so far. The builder may go on; the matrix does not see later rows.</summary>
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
                faults.Add($"features[{i}]", "a name must not be empty nor hold spaces, quotes, commas, colons or brackets");
            }
        }
        foreach (var twice in _names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add("features", $"'{twice.Key}' is there {twice.Count()} times; names must be unique");
        }
        foreach (var column in _categorical.Where(c => c < 0 || c >= _names.Length))
        {
            faults.Add("categorical", $"column {column} does not exist; columns are 0 to {_names.Length - 1}");
        }
        if (_categorical.Distinct().Count() != _categorical.Length)
        {
            faults.Add("categorical", "a column must be named once");
        }
    }
}
