using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// The Handbook's three scenarios, in its order: a later one replaces the label of an earlier one, and repeated compromises of a
/// customer compound. Terminals and customers compromised per day are in proportion to their number.
/// </summary>
internal sealed class HandbookFrauds(Population population, Spending spending)
{
    private const long LargeAmountCents = 22_000;
    private const double TerminalShare = 2.0 / 10_000;
    private const int TerminalDays = 28;
    private const double CustomerShare = 3.0 / 5_000;
    private const int CustomerDays = 14;

    private readonly int[] _compromisedUntil = new int[population.Terminals.Length];
    private readonly Dictionary<(int Day, int Customer), List<int>> _leaked = [];
    private readonly List<Draft> _scratch = [];

    /// <summary>Marks and changes one day's payments; days must be given in order, from 0.</summary>
    /// <param name="day">The day.</param>
    /// <param name="drafts">All customers' payments of the day.</param>
    /// <param name="firstOf">Index of each customer's first payment in <paramref name="drafts"/>.</param>
    public void Apply(int day, Span<Draft> drafts, ReadOnlySpan<int> firstOf)
    {
        CompromiseTerminals(day);
        CompromiseCustomers(day);
        foreach (ref Draft draft in drafts)
        {
            if (draft.Terminal >= 0 && day < _compromisedUntil[draft.Terminal])
            {
                draft.Scenario = FraudScenario.CompromisedTerminal;
            }
            else if (draft.Cents > LargeAmountCents)
            {
                draft.Scenario = FraudScenario.LargeAmount;
            }
        }
        foreach (((int Day, int Customer) key, List<int> ordinals) in _leaked.Where(leak => leak.Key.Day == day).ToList())
        {
            foreach (int ordinal in ordinals)
            {
                ref Draft draft = ref drafts[firstOf[key.Customer] + ordinal];
                draft.Cents *= 5;
                draft.Scenario = FraudScenario.CompromisedCustomer;
            }
            _leaked.Remove(key);
        }
    }

    private void CompromiseTerminals(int day)
    {
        var random = new RandomStream(population.Seed, RandomPurpose.CompromisedTerminals, day);
        int terminals = population.Terminals.Length;
        foreach (int terminal in DrawDistinct(terminals, random.Rounded(terminals * TerminalShare), random))
        {
            _compromisedUntil[terminal] = day + TerminalDays;
        }
    }

    /// <summary>A third of the customer's payments in the window are the thief's. The window is drawn ahead, as any day can be.</summary>
    private void CompromiseCustomers(int day)
    {
        var random = new RandomStream(population.Seed, RandomPurpose.CompromisedCustomers, day);
        int customers = population.Customers.Length;
        foreach (int customer in DrawDistinct(customers, random.Rounded(customers * CustomerShare), random))
        {
            _scratch.Clear();
            var window = new List<(int Day, int Ordinal)>();
            for (int ahead = day; ahead < day + CustomerDays; ahead++)
            {
                int before = _scratch.Count;
                spending.AddPayments(customer, ahead, _scratch);
                for (int ordinal = 0; ordinal < _scratch.Count - before; ordinal++)
                {
                    window.Add((ahead, ordinal));
                }
            }
            foreach (int index in DrawDistinct(window.Count, window.Count / 3, random))
            {
                Leak(customer, window[index].Day, window[index].Ordinal);
            }
        }
    }

    private void Leak(int customer, int day, int ordinal)
    {
        if (!_leaked.TryGetValue((day, customer), out List<int>? ordinals))
        {
            _leaked[(day, customer)] = ordinals = [];
        }
        ordinals.Add(ordinal);
    }

    private static List<int> DrawDistinct(int population, int count, RandomStream random)
    {
        var seen = new HashSet<int>();
        var drawn = new List<int>(count);
        while (drawn.Count < count)
        {
            int next = random.Below(population);
            if (seen.Add(next))
            {
                drawn.Add(next);
            }
        }
        return drawn;
    }
}
