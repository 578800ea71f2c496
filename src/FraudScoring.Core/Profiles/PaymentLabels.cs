using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// Finds what an entity's payments are known to be, by payment. A hash table on the stack: a scan of the labels per payment would take
/// 512 * 256 steps at worst, a dictionary would allocate.
/// </summary>
internal readonly ref struct PaymentLabels
{
    /// <summary>Cells of the table: twice the maximum number of labels, so that few collide.</summary>
    public const int Size = 2 * (EntityPlan.FraudCapacity + 256);

    private readonly ReadOnlySpan<KeptLabel> _frauds;
    private readonly ReadOnlySpan<KeptLabel> _recent;
    private readonly ReadOnlySpan<short> _cells;
    private readonly long _nowMs;

    /// <param name="labels">The labels, of which those that arrived before now count.</param>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    /// <param name="cells">Room for <see cref="Size"/> cells, all 0.</param>
    public PaymentLabels(LabelHistory labels, long nowMs, Span<short> cells)
    {
        _frauds = labels.KeptFrauds;
        _recent = labels.Kept;
        _cells = cells;
        _nowMs = nowMs;
        // In order of arrival, so that a payment's cell holds its newest label in the end.
        for (var i = 0; i < _frauds.Length + _recent.Length && At(i).Label.LabelTimeMs < nowMs; i++)
        {
            cells[CellOf(At(i).Label.Id)] = (short)(i + 1);
        }
    }

    /// <summary>What a payment is known to be; null if none of its labels is kept.</summary>
    /// <param name="id">The payment, as in <see cref="ProfileEvent.Id"/>.</param>
    public bool? IsFraud(ulong id)
    {
        var cell = _cells[CellOf(id)];
        if (cell == 0)
        {
            return null;
        }
        ref readonly var newest = ref At(cell - 1);
        // A fraud's end is known when the label that took it back has left the list.
        return newest.EndMs < _nowMs ? !newest.Label.Fraud : newest.Label.Fraud;
    }

    private ref readonly KeptLabel At(int index) =>
        ref index < _frauds.Length ? ref _frauds[index] : ref _recent[index - _frauds.Length];

    /// <summary>
    /// The cell of a payment, or the empty one where it belongs, by linear probing. Ids are hashes, so their low bits select the cell.
    /// </summary>
    private int CellOf(ulong id)
    {
        var cell = (int)id & (Size - 1);
        while (_cells[cell] != 0 && At(_cells[cell] - 1).Label.Id != id)
        {
            cell = (cell + 1) & (Size - 1);
        }
        return cell;
    }
}
