using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Simulation;

/// <summary>Each additional scenario leaves a pattern in the history that a feature can detect. Legitimate payments do not.</summary>
[Parallelizable]
public sealed class FraudScenarioTests
{
    private const long HourMs = MillisecondsPer.Hour;

    private static readonly (Payment Payment, FraudScenario Scenario)[] All =
    [
        .. PaymentSimulator.Run(new SimulationOptions { Days = 45, Seed = 11 })
            .Where(e => e.Payment is not null)
            .Select(e => (e.Payment!, e.Scenario)),
    ];

    [Test]
    public void Run_Defaults_AddsAboutAQuarterToTheHandbooksFrauds()
    {
        SimulationOptions defaults = new();
        double perDay = defaults.CardTestingRate * 5 * 25 + defaults.AccountTakeoverRate * 5 * 5.5 + defaults.ImpossibleTravelRate * 5 * 2;
        int added = All.Count(p => p.Scenario > FraudScenario.CompromisedCustomer);
        Assert.That(perDay / (14_681 / 183.0), Is.InRange(0.25, 0.32));
        Assert.That(added, Is.EqualTo(perDay * 45).Within(20).Percent);
        Assert.That(All.Count(p => p.Scenario != FraudScenario.None) / (double)All.Length, Is.InRange(0.008, 0.012));
    }

    [Test]
    public void Run_CardTesting_ShowsManyCardsPerDeviceWithinAnHourAndSmallAmounts()
    {
        foreach (var episode in PaymentsOf(FraudScenario.CardTesting).GroupBy(p => p.Device))
        {
            Assert.That(episode.Select(p => p.Card).Distinct().Count(), Is.InRange(10, 30));
            Assert.That(episode.Select(p => p.IpAddress).Distinct().Count(), Is.EqualTo(1));
            Payment[] tries = [.. episode.GroupBy(p => p.Card).Select(g => g.MinBy(p => p.EventTimeMs)!)];
            Assert.That(tries.Max(p => p.EventTimeMs) - tries.Min(p => p.EventTimeMs), Is.LessThan(HourMs / 4));
            Assert.That(tries.Select(p => p.Merchant).Distinct().Count(), Is.EqualTo(1));
            Assert.That(tries.Where(p => p.Currency.Code == "EUR").Select(p => p.AmountMinor), Is.All.LessThanOrEqualTo(500));
        }
        Assert.That(LegitimateByDevice().Max(d => d.Select(p => p.Account).Distinct().Count()), Is.EqualTo(1));
    }

    [Test]
    public void Run_CardTesting_SpendsOnSomeOfTheCardsThatPass()
    {
        int cards = PaymentsOf(FraudScenario.CardTesting).Select(p => (p.Device, p.Card)).Distinct().Count();
        int larger = PaymentsOf(FraudScenario.CardTesting).Count() - cards;
        Assert.That(larger / (double)cards, Is.EqualTo(0.25).Within(0.06));
    }

    [Test]
    public void Run_AccountTakeover_UsesANewDeviceInAnotherCountryForLargeAmounts()
    {
        ILookup<string?, Payment> legitimate = All.Where(p => p.Scenario == FraudScenario.None)
            .ToLookup(p => p.Payment.Account, p => p.Payment);
        int seen = 0;
        foreach (var episode in PaymentsOf(FraudScenario.AccountTakeover).GroupBy(p => p.Device))
        {
            Payment[] own = [.. legitimate[episode.First().Account]];
            Assert.That(episode.Count(), Is.InRange(3, 8));
            Assert.That(episode.Max(p => p.EventTimeMs) - episode.Min(p => p.EventTimeMs), Is.LessThan(4 * HourMs));
            Assert.That(own.Select(p => p.Device), Does.Not.Contain(episode.Key));
            if (own.Length >= 30)
            {
                seen++;
                Assert.That(episode.Average(p => p.AmountMinor), Is.GreaterThan(1.8 * own.Average(p => p.AmountMinor)));
                string usual = own.Where(p => p.Channel == Channel.Ecommerce).GroupBy(p => p.Country!).MaxBy(g => g.Count())?.Key ?? "";
                Assert.That(episode.Select(p => (p.Channel, p.Country)).Distinct().Count(), Is.EqualTo(1));
                Assert.That(episode.First().Channel, Is.EqualTo(Channel.Ecommerce));
                Assert.That(episode.First().Country, Is.Not.EqualTo(usual));
            }
        }
        Assert.That(seen, Is.GreaterThan(20));
    }

    [Test]
    public void Run_ImpossibleTravel_IsFasterThanAnyAircraft()
    {
        var lastSeen = new Dictionary<string, Payment>();
        int first = 0;
        foreach ((Payment payment, FraudScenario scenario) in All.Where(p => !double.IsNaN(p.Payment.Latitude)))
        {
            if (scenario == FraudScenario.ImpossibleTravel)
            {
                Payment before = lastSeen[payment.Card];
                double hours = (payment.EventTimeMs - before.EventTimeMs) / (double)HourMs;
                Assert.That(hours, Is.LessThanOrEqualTo(1));
                first += Kilometres(before, payment) / hours > 1_000 ? 1 : 0;
            }
            lastSeen[payment.Card] = payment;
        }
        int payments = PaymentsOf(FraudScenario.ImpossibleTravel).Count();
        Assert.That(first, Is.InRange(payments * 0.4, payments * 0.65), "one of one to three payments comes straight from home");
    }

    [Test]
    public void Run_Legitimate_TravelsNoFasterThanAnAirliner()
    {
        var lastSeen = new Dictionary<string, Payment>();
        int abroad = 0;
        foreach ((Payment payment, FraudScenario scenario) in All.Where(p => !double.IsNaN(p.Payment.Latitude)))
        {
            if (scenario == FraudScenario.ImpossibleTravel)
            {
                continue;
            }
            if (lastSeen.TryGetValue(payment.Card, out Payment? before) && Kilometres(before, payment) is > 300 and var distance)
            {
                abroad++;
                Assert.That(distance / ((payment.EventTimeMs - before.EventTimeMs) / (double)HourMs), Is.LessThan(900));
            }
            lastSeen[payment.Card] = payment;
        }
        Assert.That(abroad, Is.GreaterThan(100), "journeys happen");
    }

    [Test]
    public void FarCities_FromAnyHome_AreFar()
    {
        foreach (City city in Geography.FarCities.Select(i => Geography.Cities[i]))
        {
            foreach ((double x, double y) in new[] { (0.0, 0.0), (0, 100), (100, 0), (100, 100) })
            {
                double distance = Kilometres(city.Latitude, city.Longitude, Geography.Latitude(y), Geography.Longitude(x));
                Assert.That(distance, Is.GreaterThan(1_300));
            }
        }
    }

    private static IEnumerable<Payment> PaymentsOf(FraudScenario scenario) =>
        All.Where(p => p.Scenario == scenario).Select(p => p.Payment);

    private static IEnumerable<IGrouping<string?, Payment>> LegitimateByDevice() =>
        All.Where(p => p.Scenario == FraudScenario.None && p.Payment.Device is not null).Select(p => p.Payment).GroupBy(p => p.Device);

    private static double Kilometres(Payment a, Payment b) => Kilometres(a.Latitude, a.Longitude, b.Latitude, b.Longitude);

    private static double Kilometres(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        double Radians(double degrees) => degrees * Math.PI / 180;
        double half = Math.Pow(Math.Sin(Radians(latitude2 - latitude1) / 2), 2)
            + Math.Cos(Radians(latitude1)) * Math.Cos(Radians(latitude2)) * Math.Pow(Math.Sin(Radians(longitude2 - longitude1) / 2), 2);
        return 2 * 6371 * Math.Asin(Math.Sqrt(half));
    }
}
