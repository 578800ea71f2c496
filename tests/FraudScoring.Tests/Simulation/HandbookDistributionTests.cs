using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Simulation;

/// <summary>A simulation of the Handbook's size and length matches its published figures, with tolerances for another seed.</summary>
public sealed class HandbookDistributionTests
{
    private const int PublishedPayments = 1_754_155;
    private readonly int[] _byDay = new int[183];
    private readonly int[] _fraudsByDay = new int[183];
    private readonly int[] _byScenario = new int[7];
    private readonly HashSet<string> _accounts = [];
    private readonly HashSet<string> _merchants = [];
    private double _euros;
    private int _euroPayments;
    private int _beforeSix;
    private long _largest;

    [OneTimeSetUp]
    public void Simulate()
    {
        var options = new SimulationOptions { Seed = 1, CardTestingRate = 0, AccountTakeoverRate = 0, ImpossibleTravelRate = 0 };
        foreach (SimulatedEvent happening in PaymentSimulator.Run(options).Where(e => e.Payment is not null))
        {
            Payment payment = happening.Payment!;
            long sinceStart = payment.EventTimeMs - options.StartMs;
            _byDay[sinceStart / 86_400_000]++;
            _fraudsByDay[sinceStart / 86_400_000] += happening.Scenario == FraudScenario.None ? 0 : 1;
            _byScenario[(int)happening.Scenario]++;
            _beforeSix += sinceStart % 86_400_000 < 6 * 3_600_000 ? 1 : 0;
            _accounts.Add(payment.Account!);
            _merchants.Add(payment.Merchant);
            if (payment.Currency.Code == "EUR")
            {
                _euros += payment.AmountMinor / 100.0;
                _euroPayments++;
                _largest = Math.Max(_largest, payment.AmountMinor);
            }
        }
    }

    /// <summary>The customers' random rates alone change the total by 0.8 % (one standard deviation) from seed to seed.</summary>
    [Test]
    public void Run_FullSize_HasThePublishedNumberOfPayments() =>
        Assert.That(_byDay.Sum(), Is.EqualTo(PublishedPayments).Within(2.5).Percent);

    [Test]
    public void Run_FullSize_IsAsEvenFromDayToDay()
    {
        double mean = _byDay.Average();
        Assert.That(_byDay.Min() / mean, Is.GreaterThan(0.955));
        Assert.That(_byDay.Max() / mean, Is.LessThan(1.045));
    }

    [Test]
    public void Run_FullSize_HasThePublishedFraudRate() =>
        Assert.That(_fraudsByDay.Sum() / (double)_byDay.Sum(), Is.EqualTo(0.008369).Within(0.0006));

    [TestCase(FraudScenario.LargeAmount, 973, 20)]
    [TestCase(FraudScenario.CompromisedTerminal, 9_077, 8)]
    [TestCase(FraudScenario.CompromisedCustomer, 4_631, 8)]
    public void Run_FullSize_HasThePublishedFraudsOfEachScenario(FraudScenario scenario, int published, int percent) =>
        Assert.That(_byScenario[(int)scenario], Is.EqualTo(published).Within(percent).Percent);

    [Test]
    public void Run_FullSize_StartsWithFewFraudsAndStaysInThePublishedRange()
    {
        Assert.That(_fraudsByDay.Take(3).Max(), Is.LessThan(20), "compromises have to build up");
        Assert.That(_fraudsByDay.Skip(28).Min(), Is.GreaterThan(35));
        Assert.That(_fraudsByDay.Max(), Is.LessThan(135));
    }

    /// <summary>Published: mean 53.6, largest 2,628.</summary>
    [Test]
    public void Run_FullSize_HasThePublishedAmounts()
    {
        Assert.That(_euros / _euroPayments, Is.EqualTo(53.6).Within(1.5));
        Assert.That(_largest, Is.GreaterThan(100_000).And.LessThan(1_000_000));
    }

    /// <summary>The fraction of N(43,200, 20,000), truncated to a day, that lies before six o'clock.</summary>
    [Test]
    public void Run_FullSize_IsQuietAtNight() =>
        Assert.That(_beforeSix / (double)_byDay.Sum(), Is.EqualTo(0.1287).Within(0.002));

    /// <summary>Published: 4,990 customers and 10,000 terminals appear. Merchants abroad are additional.</summary>
    [Test]
    public void Run_FullSize_SeesNearlyEveryCustomerAndTerminal()
    {
        Assert.That(_accounts, Has.Count.InRange(4_975, 5_000));
        Assert.That(_merchants, Has.Count.InRange(9_990, 10_000 + 25 * Geography.Cities.Count));
    }
}
