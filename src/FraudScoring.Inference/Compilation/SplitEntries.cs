using FraudScoring.Inference.Attribution;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Writes the columns that splits compare with their thresholds, only those in use: features with NaN unchanged, so that it goes right;
/// features with NaN replaced by -∞, so that it goes left; then equality tests, -∞ if true, +∞ if false.
/// </summary>
/// <remarks>The same layout as <see cref="SplitInputs"/>, which explanations use.</remarks>
internal sealed class SplitEntries
{
    private readonly SplitInputs _inputs;
    private readonly List<int> _used;
    private readonly Dictionary<int, int> _index;

    public SplitEntries(SplitInputs inputs, IReadOnlyCollection<int> used)
    {
        _inputs = inputs;
        // At least one is never NaN: leaves of the pointer form compare it with +∞, and so always go to the left, to themselves.
        _used = [.. used.Append(inputs.Features).Distinct().Order()];
        _index = _used.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
    }

    /// <summary>A column that is never NaN.</summary>
    public int NeverMissing => IndexOf(_inputs.Features);

    /// <summary>The column of an entry of <see cref="SplitInputs"/>.</summary>
    public int IndexOf(int input) => _index[input];

    /// <summary>Writes the columns.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">Float [rows, features].</param>
    /// <returns>Float [rows, columns].</returns>
    public string Emit(TwinGraph graph, string rows)
    {
        var features = _used.Where(input => input < 2 * _inputs.Features).ToArray();
        var columns = Columns(graph, rows, features.Select(input => input % _inputs.Features));
        var whenMissing = Array.ConvertAll(features, input => input < _inputs.Features ? float.NaN : float.NegativeInfinity);
        var filled = graph.Add("Where", [graph.Add("IsNaN", [columns]), graph.Constant<float>(whenMissing, whenMissing.Length), columns]);
        return features.Length == _used.Count ? filled : graph.Add("Concat", [filled, Equalities(graph, rows)], TwinGraph.Whole("axis", 1));
    }

    private string Equalities(TwinGraph graph, string rows)
    {
        var tests = _used.Where(input => input >= 2 * _inputs.Features)
            .Select(input => _inputs.Equalities[input - (2 * _inputs.Features)]).ToArray();
        var columns = Columns(graph, rows, tests.Select(test => test.Feature));
        var values = graph.Constant<float>(Array.ConvertAll(tests, test => test.Value), tests.Length);
        var whenMissing = graph.Constant<float>(Array.ConvertAll(tests, test => test.MissingHolds ? 1f : 0), tests.Length);
        // TwinGraph writes no boolean constants, so a comparison makes this one.
        var missingHolds = graph.Add("Greater", [whenMissing, graph.Scalar(0f)]);
        // Equal is false for NaN on either side, so the second term alone decides for a missing value.
        var holds = graph.Add("Or",
            [graph.Add("Equal", [columns, values]), graph.Add("And", [graph.Add("IsNaN", [columns]), missingHolds])]);
        return graph.Add("Where", [holds, graph.Scalar(float.NegativeInfinity), graph.Scalar(float.PositiveInfinity)]);
    }

    private static string Columns(TwinGraph graph, string rows, IEnumerable<int> features)
    {
        int[] columns = [.. features];
        return graph.Add("Gather", [rows, graph.Constant<int>(columns, columns.Length)], TwinGraph.Whole("axis", 1));
    }
}
