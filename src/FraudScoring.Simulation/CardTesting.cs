using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Stolen card numbers are tried one after another at a single online shop, from one device and address, a few euros each and seconds
/// apart; a quarter of them pass and are charged a larger amount elsewhere within the hour.
/// </summary>
internal static class CardTesting
{
    private const int LatestStartMs = 22 * (int)MillisecondsPer.Hour;

    public static void AddPayments(int day, SimulationOptions options, Population population, List<Draft> drafts)
    {
        var counts = new RandomStream(population.Seed, RandomPurpose.CardTesting, day, -1);
        int episodes = counts.Poisson(options.CardTestingRate * options.Customers / 1_000);
        for (int episode = 0; episode < episodes; episode++)
        {
            AddEpisode(new RandomStream(population.Seed, RandomPurpose.CardTesting, day, episode), population, drafts);
        }
    }

    private static void AddEpisode(RandomStream random, Population population, List<Draft> drafts)
    {
        Attacker attacker = Attacker.Draw(population, elsewhereThan: null, random);
        Merchant shop = random.Pick(population.Online);
        int cards = Math.Min(random.Between(10, 30), population.Customers.Length);
        int timeMs = random.Below(LatestStartMs);
        var tried = new HashSet<int>();
        var passed = new List<(int Customer, int Card)>();
        while (tried.Count < cards)
        {
            int customer = random.Below(population.Customers.Length);
            if (!tried.Add(customer))
            {
                continue;
            }
            int card = random.Below(population.Customers[customer].Cards.Length);
            timeMs += random.Between(2_000, 30_000);
            drafts.Add(attacker.Pay(customer, card, shop, timeMs, random.Uniform(0.5, 5), FraudScenario.CardTesting));
            if (random.Chance(0.25))
            {
                passed.Add((customer, card));
            }
        }
        foreach ((int customer, int card) in passed)
        {
            int laterMs = timeMs + random.Between(3 * (int)MillisecondsPer.Minute, (int)MillisecondsPer.Hour);
            double euros = random.Uniform(60, 400);
            drafts.Add(attacker.Pay(customer, card, random.Pick(population.Online), laterMs, euros, FraudScenario.CardTesting));
        }
    }
}
