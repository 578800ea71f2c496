using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// An attacker logs in with a customer's password from a new device and address in another country, and buys for hours: three to eight
/// online payments, each 2.5 to 6 times the customer's mean.
/// </summary>
internal static class AccountTakeover
{
    private const int LatestStartMs = 19 * (int)MillisecondsPer.Hour;
    private const int LongestMs = 4 * (int)MillisecondsPer.Hour;

    public static void AddPayments(int day, SimulationOptions options, Population population, List<Draft> drafts)
    {
        var counts = new RandomStream(population.Seed, RandomPurpose.AccountTakeover, day, -1);
        int episodes = counts.Poisson(options.AccountTakeoverRate * options.Customers / 1_000);
        for (int episode = 0; episode < episodes; episode++)
        {
            AddEpisode(new RandomStream(population.Seed, RandomPurpose.AccountTakeover, day, episode), population, drafts);
        }
    }

    private static void AddEpisode(RandomStream random, Population population, List<Draft> drafts)
    {
        int victim = random.Below(population.Customers.Length);
        Customer customer = population.Customers[victim];
        Attacker attacker = Attacker.Draw(population, elsewhereThan: customer.Country, random);
        int card = random.Below(customer.Cards.Length);
        int startMs = random.Below(LatestStartMs);
        Merchant[] shops = [random.Pick(population.Online), random.Pick(population.Online)];
        int payments = random.Between(3, 8);
        for (int i = 0; i < payments; i++)
        {
            int timeMs = startMs + random.Below(LongestMs);
            double euros = Math.Max(40, customer.MeanAmount * random.Uniform(2.5, 6));
            drafts.Add(attacker.Pay(victim, card, random.Pick(shops), timeMs, euros, FraudScenario.AccountTakeover));
        }
    }
}
