using System.Collections.Frozen;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>Thresholds by segment, for lookup at scoring time. Immutable, and lookups allocate nothing.</summary>
public sealed class ThresholdTable
{
    /// <summary>Maximum number of segments with thresholds of their own.</summary>
    public const int MaxSegments = 10_000;

    private readonly SegmentScheme _scheme;
    private readonly FrozenDictionary<int, int> _rowOf;
    private readonly Thresholds[] _table;

    private ThresholdTable(Thresholds thresholds, SegmentScheme scheme, FrozenDictionary<int, int> rowOf, Thresholds[] table)
    {
        (Default, _scheme, _rowOf, _table) = (thresholds, scheme, rowOf, table);
    }

    /// <summary>The thresholds for payments outside the segments.</summary>
    public Thresholds Default { get; }

    /// <summary>Creates a table with the same thresholds for all payments.</summary>
    public static ThresholdTable Create(Thresholds thresholds) =>
        new(thresholds, new SegmentScheme(null, [], default), FrozenDictionary<int, int>.Empty, []);

    /// <summary>Compiles a plan into a table.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="reference">The catalogue's reference currency, which is that of the plan's amounts.</param>
    /// <param name="path">Path of the plan, for faults.</param>
    /// <param name="faults">Receives the faults.</param>
    /// <returns>Null if the plan has faults.</returns>
    public static ThresholdTable? Compile(ThresholdPlan plan, Currency reference, string path, Faults faults)
    {
        var before = faults.Count;
        if (!plan.Default().AreValid)
        {
            faults.Add(path, "must ascend from review to challenge to decline, each from 0 to 1");
        }
        SegmentScheme.Check(plan.By, plan.Amounts, path + ".", faults);
        if (plan.Segments.Count > MaxSegments)
        {
            faults.Add($"{path}.segments", $"must have at most {MaxSegments} segments");
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

    /// <summary>Returns the thresholds of a payment's segment; without a known amount it is in none.</summary>
    public Thresholds Select(in PaymentTraits traits) =>
        traits.Amount >= 0 && _rowOf.TryGetValue(_scheme.CodeOf(traits), out var row)
            ? _table[(row * _scheme.Bands) + _scheme.BandOf(traits.Amount)]
            : Default;

    private static void Place(
        SegmentThresholds segment, SegmentScheme scheme, FrozenDictionary<int, int> rowOf, Thresholds[] table, HashSet<int> seen,
        string path, Faults faults)
    {
        var code = scheme.CodeOf(segment.Value);
        var band = Enumerable.Range(0, scheme.Bands).Where(b => scheme.StartOf(b) == segment.AmountFrom).DefaultIfEmpty(-1).First();
        var isValue = scheme.By is null ? segment.Value is null : code != 0;
        if (!isValue)
        {
            faults.Add($"{path}.value", scheme.By is null ? "must be null, because \"by\" names no field" : $"must be a {scheme.By}");
        }
        if (band < 0)
        {
            faults.Add($"{path}.amount_from", "must be 0 or one of \"amounts\"");
        }
        if (!segment.Triple().AreValid)
        {
            faults.Add(path, "must ascend from review to challenge to decline, each from 0 to 1");
        }
        var place = (rowOf[code] * scheme.Bands) + band;
        if (!isValue || band < 0)
        {
            return;
        }
        if (!seen.Add(place))
        {
            faults.Add(path, "repeats an earlier segment; remove one of them");
        }
        table[place] = segment.Triple();
    }
}
