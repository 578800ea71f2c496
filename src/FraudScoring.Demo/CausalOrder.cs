using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Demo;

/// <summary>
/// Holds a payment back until the earlier payments of its card, account and device are in the profiles. Real payments of a card are minutes
/// or hours apart, and the service applies one within a tenth of a second. The simulated clock runs thousands of times faster than real
/// time; without this, the service would see bursts whose history it cannot have yet.
/// </summary>
/// <param name="applied">Number of published payments the service has applied.</param>
internal sealed class CausalOrder(Func<long> applied)
{
    private const int ForgetEvery = 10_000;
    private readonly Dictionary<string, Passage> _last = [];
    private readonly LinkedList<Passage> _waiting = [];
    private int _entered;

    public int Waiting => _waiting.Count;

    /// <summary>Adds the next payment of the simulation, to be taken with <see cref="TryTake"/>.</summary>
    public void Schedule(Payment payment, FraudScenario scenario)
    {
        var passage = new Passage(payment, scenario);
        foreach (var token in (ReadOnlySpan<string?>)[payment.Card, payment.Account, payment.Device])
        {
            if (token is not null)
            {
                passage.Follow(_last.GetValueOrDefault(token));
                _last[token] = passage;
            }
        }
        _waiting.AddLast(passage);
        if (++_entered % ForgetEvery == 0)
        {
            Forget();
        }
    }

    /// <summary>Takes the earliest payment whose predecessors the service has applied, if there is one.</summary>
    public Passage? TryTake()
    {
        var known = applied();
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (node.Value.IsReady(known))
            {
                _waiting.Remove(node);
                return node.Value;
            }
        }
        return null;
    }

    private void Forget()
    {
        var known = applied();
        foreach (var token in _last.Where(pair => pair.Value.IsHistory(known)).Select(pair => pair.Key).ToList())
        {
            _last.Remove(token);
        }
    }
}

/// <summary>A simulated payment on its way from the payer to the profiles.</summary>
internal sealed class Passage(Payment payment, FraudScenario scenario)
{
    private readonly List<Passage> _predecessors = [];
    private long _number;

    public Payment Payment => payment;

    public FraudScenario Scenario => scenario;

    /// <summary>Records the payment's position among the published payments.</summary>
    public void Published(long number) => Volatile.Write(ref _number, number);

    /// <summary>Makes this payment wait for an earlier one.</summary>
    public void Follow(Passage? earlier)
    {
        if (earlier is not null)
        {
            _predecessors.Add(earlier);
        }
    }

    /// <summary>Whether the service has applied the payment.</summary>
    public bool IsHistory(long applied) => Volatile.Read(ref _number) is > 0 and var number && number <= applied;

    /// <summary>Whether all predecessors have been applied.</summary>
    public bool IsReady(long applied)
    {
        _predecessors.RemoveAll(earlier => earlier.IsHistory(applied));
        return _predecessors.Count == 0;
    }
}
