using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;

namespace FraudScoring.Simulation;

/// <summary>Makes the payments of one day after another. Memory is bounded by one day's payments.</summary>
internal sealed class SimulatedDay
{
    /// <summary>Milliseconds in a day.</summary>
    public const long LengthMs = MillisecondsPer.Day;

    private readonly SimulationOptions _options;
    private readonly Population _population;
    private readonly Spending _spending;
    private readonly HandbookFrauds _frauds;
    private readonly List<Draft> _drafts = [];
    private readonly int[] _firstOf;

    public SimulatedDay(SimulationOptions options, Population population)
    {
        _options = options;
        _population = population;
        _spending = new Spending(population);
        _frauds = new HandbookFrauds(population, _spending);
        _firstOf = new int[options.Customers];
    }

    /// <summary>The payments of a day in order of time, valid until the next call. Request days in order, from 0.</summary>
    public IEnumerable<Draft> Draw(int day)
    {
        _drafts.Clear();
        for (int customer = 0; customer < _options.Customers; customer++)
        {
            _firstOf[customer] = _drafts.Count;
            _spending.AddPayments(customer, day, _drafts);
        }
        _frauds.Apply(day, CollectionsMarshal.AsSpan(_drafts), _firstOf);
        int ownPayments = _drafts.Count;
        CardTesting.AddPayments(day, _options, _population, _drafts);
        AccountTakeover.AddPayments(day, _options, _population, _drafts);
        ImpossibleTravel.AddPayments(day, _options, _population, ownPayments, _drafts);
        return InOrder();
    }

    private IEnumerable<Draft> InOrder()
    {
        var keys = new long[_drafts.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = (long)_drafts[i].TimeMs << 32 | (long)i;
        }
        Array.Sort(keys);
        return keys.Select(key => _drafts[(int)key]);
    }
}
