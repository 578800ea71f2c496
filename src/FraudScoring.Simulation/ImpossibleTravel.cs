using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// A copied card is used at a terminal more than 1,300 km away, five minutes to an hour after its owner paid near home: one to three
/// payments in one city, each one to four times the owner's mean.
/// </summary>
internal static class ImpossibleTravel
{
    private const int LatestHomePaymentMs = 21 * (int)MillisecondsPer.Hour;
    private const int Attempts = 100;

    /// <summary>Appends a day's episodes; the first <paramref name="ownPayments"/> of the drafts are the customers' own.</summary>
    public static void AddPayments(int day, SimulationOptions options, Population population, int ownPayments, List<Draft> drafts)
    {
        var counts = new RandomStream(population.Seed, RandomPurpose.ImpossibleTravel, day, -1);
        int episodes = counts.Poisson(options.ImpossibleTravelRate * options.Customers / 1_000);
        for (int episode = 0; episode < episodes; episode++)
        {
            var random = new RandomStream(population.Seed, RandomPurpose.ImpossibleTravel, day, episode);
            if (FindHomePayment(ownPayments, drafts, random) is { } home)
            {
                AddEpisode(home, population, drafts, random);
            }
        }
    }

    private static Draft? FindHomePayment(int ownPayments, List<Draft> drafts, RandomStream random)
    {
        for (int attempt = 0; ownPayments > 0 && attempt < Attempts; attempt++)
        {
            Draft draft = drafts[random.Below(ownPayments)];
            if (draft is { Terminal: >= 0, Merchant.InPerson: true, TimeMs: < LatestHomePaymentMs })
            {
                return draft;
            }
        }
        return null;
    }

    private static void AddEpisode(Draft home, Population population, List<Draft> drafts, RandomStream random)
    {
        Merchant[] merchants = population.Abroad[random.Pick(Geography.FarCities)];
        double mean = population.Customers[home.Customer].MeanAmount;
        int timeMs = home.TimeMs;
        int payments = random.Between(1, 3);
        for (int i = 0; i < payments; i++)
        {
            Merchant merchant = random.Pick(merchants);
            timeMs += random.Between(5 * (int)MillisecondsPer.Minute, (int)MillisecondsPer.Hour);
            drafts.Add(new Draft
            {
                TimeMs = timeMs,
                Customer = home.Customer,
                Card = home.Card,
                Terminal = -1,
                Merchant = merchant,
                Channel = merchant.Kind == MerchantKind.CashMachine ? Channel.Atm : Channel.CardPresent,
                Cents = (long)Math.Round(Math.Max(20, mean * random.Uniform(1, 4)) * 100),
                Scenario = FraudScenario.ImpossibleTravel,
            });
        }
    }
}
