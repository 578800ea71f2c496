using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Simulates card payments with known frauds: the generator of the Fraud Detection Handbook (Le Borgne et al., chapter 3) in
/// distribution, extended by devices, addresses, countries, channels, currencies and three scenarios that only history reveals.
/// </summary>
public static class PaymentSimulator
{
    /// <summary>
    /// Payments at their event time and labels at their label time, in order of time, generated lazily. Each payment's
    /// label comes after it; labels that are due after the last day come at the end.
    /// </summary>
    /// <exception cref="ArgumentException">Options are out of range; the message names all of them.</exception>
    public static IEnumerable<SimulatedEvent> Run(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Faults faults = new();
        options.Validate(faults);
        faults.ThrowIfAny();
        return Merge(options);
    }

    private static IEnumerable<SimulatedEvent> Merge(SimulationOptions options)
    {
        var labels = new LabelSchedule(options);
        var population = new Population(options);
        var days = new SimulatedDay(options, population);
        string run = Tokens.Run(options.Seed, options.Start);
        for (int day = 0; day < options.Days; day++)
        {
            var random = new RandomStream(options.Seed, RandomPurpose.Labels, day);
            long midnightMs = options.StartMs + day * SimulatedDay.LengthMs;
            int number = 0;
            foreach (Draft draft in days.Draw(day))
            {
                string id = string.Create(CultureInfo.InvariantCulture, $"{run}-{day}-{number++}");
                Payment payment = draft.ToPayment(population.Customers[draft.Customer], id, midnightMs);
                while (labels.TryTake(payment.EventTimeMs, out Label? due))
                {
                    yield return new(null, FraudScenario.None, due);
                }
                yield return new(payment, draft.Scenario, null);
                labels.Schedule(payment, draft.Scenario != FraudScenario.None, random);
            }
        }
        while (labels.TryTake(long.MaxValue, out Label? late))
        {
            yield return new(null, FraudScenario.None, late);
        }
    }
}
