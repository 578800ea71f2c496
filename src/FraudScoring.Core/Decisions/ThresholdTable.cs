using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>The thresholds in force, looked up by a payment's segment. Immutable, and allocates nothing.</summary>
public sealed class ThresholdTable
{
    /// <summary>Most segments with thresholds of their own.</summary>
    public const int MaxSegments = 10_000;

    private readonly SegmentScheme _scheme;
    private readonly FrozenDictionary<int, int> _rowOf;
    private readonly Thresholds[] _table;

    private ThresholdTable(Thresholds thresholds, SegmentScheme scheme, FrozenDictionary<int, int> rowOf, Thresholds[] table)
    {
        (Default, _scheme, _rowOf, _table) = (thresholds, scheme, rowOf, table);
    }

    /// <summary>For payments of no segment.</summary>
    public Thresholds Default { get; }

    /// <summary>The same for all payments.</summary>
    public static ThresholdTable Create(Thresholds thresholds) =>
        new(thresholds, new SegmentScheme(null, [], default), FrozenDictionary<int, int>.Empty, []);

    /// <summary>Compiles a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="reference">The catalogue's reference currency, in which its amounts are.</param>
    /// <param name="path">Where the plan stands, for faults.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    /// <returns>Null when anything is wrong.</returns>
    public static ThresholdTable? Compile(ThresholdPlan plan, Currency reference, string path, Faults faults)
    {
        var before = faults.Count;
        if (!plan.Default().AreValid)
        {
            faults.Add(path, "must ascend: review, challenge, decline, each a probability");
        }
        SegmentScheme.Check(plan.By, plan.Amounts, path + ".", faults);
        if (plan.Segments.Count > MaxSegments)
        {
            faults.Add($"{path}.segments", $"must be at most {MaxSegments}");
        }
        if (faults.Count > before)
        {
            return null;
        }
        var scheme = new SegmentScheme(plan.By, plan.Amounts, reference);
        var codes = plan.Segments.Select(segment => scheme.CodeOf(segment.Value)).Distinct();
        var rowOf = codes.Select((code, row) => (Code: code, Row: row)).ToFrozenDictionary(place => place.Code, place => place.Row);
        var table = new Thresholds[rowOf.Count * scheme.Bands];
        Array.Fill(table, plan.Default());
        var seen = new HashSet<int>();
        for (var i = 0; i < plan.Segments.Count; i++)
        {
            Place(plan.Segments[i], scheme, rowOf, table, seen, $"{path}.segments[{i}]", faults);
        }
        return faults.Count > before ? null : new ThresholdTable(plan.Default(), scheme, rowOf, table);
    }

    /// <summary>The thresholds of a payment's segment.</summary>
    public Thresholds Select(in PaymentTraits traits) =>
        _rowOf.TryGetValue(_scheme.CodeOf(traits), out var row) ? _table[(row * _scheme.Bands) + _scheme.BandOf(traits.Amount)] : Default;

    private static void Place(
        SegmentThresholds segment, SegmentScheme scheme, FrozenDictionary<int, int> rowOf, Thresholds[] table, HashSet<int> seen, string path,
        Faults faults)
    {
        var code = scheme.CodeOf(segment.Value);
        var band = Enumerable.Range(0, scheme.Bands).Where(b => scheme.StartOf(b) == segment.AmountFrom).DefaultIfEmpty(-1).First();
        var isValue = scheme.By is null ? segment.Value is null : code != 0;
        if (!isValue)
        {
            faults.Add($"{path}.value", scheme.By is null ? "must be null: nothing is named to cut by" : $"must be a {scheme.By}");
        }
        if (band < 0)
        {
            faults.Add($"{path}.amount_from", "must be 0 or one of the amounts");
        }
        if (!segment.Triple().AreValid)
        {
            faults.Add(path, "must ascend: review, challenge, decline, each a probability");
        }
        var place = (rowOf[code] * scheme.Bands) + band;
        if (!isValue || band < 0)
        {
            return;
        }
        if (!seen.Add(place))
        {
            faults.Add(path, "names a segment that is named before");
        }
        table[place] = segment.Triple();
    }
}
