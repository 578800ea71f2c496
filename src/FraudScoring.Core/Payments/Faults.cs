using System.Collections;

namespace FraudScoring.Core.Payments;

/// <summary>
/// Collects all errors of an input. A parser adds its faults here and returns null, so that one response lists all of them. The collector
/// may already hold faults of other inputs: to find out whether an input is valid, compare <see cref="Count"/> before and after.
/// </summary>
public sealed class Faults : IReadOnlyList<Fault>
{
    // Most inputs are valid, so the list is allocated with the first fault.
    private List<Fault>? _list;

    /// <inheritdoc />
    public int Count => _list?.Count ?? 0;

    /// <inheritdoc />
    public Fault this[int index] => _list is null ? throw new ArgumentOutOfRangeException(nameof(index)) : _list[index];

    /// <summary>Adds one fault.</summary>
    public void Add(Fault fault) => (_list ??= []).Add(fault);

    /// <summary>Adds one fault.</summary>
    /// <param name="field">Path of the field.</param>
    /// <param name="message">What is wrong and what would be accepted.</param>
    public void Add(string field, string message) => Add(new Fault(field, message));

    /// <summary>Adds several faults.</summary>
    public void AddRange(IEnumerable<Fault> faults)
    {
        foreach (var fault in faults)
        {
            Add(fault);
        }
    }

    /// <summary>Adds the faults of a part, with the name of the part and a space in front of each field.</summary>
    public void AddUnder(string part, Faults faults)
    {
        foreach (var fault in faults)
        {
            Add($"{part} {fault.Field}", fault.Message);
        }
    }

    /// <summary>Removes all faults but keeps the memory, so that a hot path can reuse the collector.</summary>
    public void Clear() => _list?.Clear();

    /// <summary>All faults in one line, separated by "; ".</summary>
    public override string ToString() => string.Join("; ", this);

    /// <summary>All faults, one per line.</summary>
    public string ToLines() => string.Join('\n', this);

    /// <summary>Throws an exception that lists all faults, if there are any.</summary>
    /// <exception cref="ArgumentException">There are faults.</exception>
    public void ThrowIfAny()
    {
        if (Count > 0)
        {
            throw new ArgumentException(ToString());
        }
    }

    /// <inheritdoc />
    public IEnumerator<Fault> GetEnumerator() => (_list ?? Enumerable.Empty<Fault>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
