using System.Net;
using System.Text.RegularExpressions;
using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Simulation;

public sealed partial class PaymentSimulatorTests
{
    private static readonly SimulationOptions Small = new() { Customers = 300, Terminals = 600, Days = 20, Seed = 3 };
    private static readonly SimulatedEvent[] Events = [.. PaymentSimulator.Run(Small)];
    private static readonly Payment[] Payments = [.. Events.Where(e => e.Payment is not null).Select(e => e.Payment!)];
    private static readonly Label[] Labels = [.. Events.Where(e => e.Label is not null).Select(e => e.Label!)];

    [Test]
    public void Run_Always_IsInOrderOfTime() => Assert.That(Events.Select(e => e.TimeMs), Is.Ordered);

    [Test]
    public void Run_Always_GivesEachPaymentItsOwnId() => Assert.That(Payments.Select(p => p.TransactionId), Is.Unique);

    [Test]
    public void Run_SameSeed_GivesTheSameEvents() =>
        Assert.That(PaymentSimulator.Run(Small).Select(Describe), Is.EqualTo(Events.Select(Describe)));

    [Test]
    public void Run_AnotherSeed_GivesOtherPaymentsAndIds()
    {
        var other = PaymentSimulator.Run(Small with { Seed = 4 }).Where(e => e.Payment is not null).Select(e => e.Payment!.TransactionId);
        Assert.That(other.Intersect(Payments.Select(p => p.TransactionId)), Is.Empty);
    }

    [Test]
    public void Run_MoreDays_LeavesEarlierDaysAsTheyWere()
    {
        SimulationOptions longer = Small with { Days = 30 };
        long endMs = Small.StartMs + Small.Days * 86_400_000L;
        Assert.That(PaymentSimulator.Run(longer).TakeWhile(e => e.TimeMs < endMs).Select(Describe),
            Is.EqualTo(Events.TakeWhile(e => e.TimeMs < endMs).Select(Describe)));
    }

    [Test]
    public void Run_Always_LabelsEveryFraudOnceAfterItsPayment()
    {
        var seen = new HashSet<string>();
        var frauds = new HashSet<string>();
        foreach (SimulatedEvent happening in Events)
        {
            if (happening.Payment is { } payment)
            {
                seen.Add(payment.TransactionId);
                _ = happening.Scenario != FraudScenario.None && frauds.Add(payment.TransactionId);
                continue;
            }
            Label label = happening.Label!;
            Assert.That(seen, Does.Contain(label.TransactionId));
            Assert.That(label.LabelTimeMs, Is.GreaterThan(label.EventTimeMs));
            Assert.That(frauds.Remove(label.TransactionId), Is.EqualTo(label.Fraud));
        }
        Assert.That(frauds, Is.Empty);
        Assert.That(Labels.Select(l => l.TransactionId), Is.Unique);
    }

    [Test]
    public void Run_Always_LabelsCarryTheTokensOfTheirPayments()
    {
        Dictionary<string, Payment> byId = Payments.ToDictionary(p => p.TransactionId);
        foreach (Label label in Labels)
        {
            Payment payment = byId[label.TransactionId];
            Assert.That((label.Card, label.Account, label.Device, label.IpAddress, label.Merchant, label.EventTimeMs),
                Is.EqualTo((payment.Card, payment.Account, payment.Device, payment.IpAddress, payment.Merchant, payment.EventTimeMs)));
        }
    }

    [Test]
    public void Run_Mixture_HasAnalystsWithinHoursAndChargebacksAfterDays()
    {
        SimulationOptions options = Small with { Days = 60, Customers = 1_000 };
        Label[] labels = [.. PaymentSimulator.Run(options).Where(e => e.Label is { Fraud: true }).Select(e => e.Label!)];
        double[] analysts = [.. labels.Where(l => l.Source == "analyst").Select(DelayHours)];
        double[] chargebacks = [.. labels.Where(l => l.Source == "chargeback").Select(DelayHours)];
        Assert.Multiple(() =>
        {
            Assert.That(analysts.Length / (double)labels.Length, Is.EqualTo(0.4).Within(0.06));
            Assert.That(analysts.Average(), Is.EqualTo(4).Within(0.8));
            Assert.That(chargebacks.Min(), Is.GreaterThanOrEqualTo(24));
            Assert.That(chargebacks.Average(), Is.EqualTo(7 * 24).Within(20));
        });
    }

    [TestCase(0)]
    [TestCase(168)]
    public void Run_FixedDelay_LabelsExactlyThen(double hours)
    {
        SimulationOptions options = Small with { FixedLabelDelay = TimeSpan.FromHours(hours) };
        SimulatedEvent[] events = [.. PaymentSimulator.Run(options)];
        Assert.That(events.Select(e => e.TimeMs), Is.Ordered);
        Assert.That(events.Where(e => e.Label is not null).Select(e => DelayHours(e.Label!)), Is.All.EqualTo(hours));
    }

    [Test]
    public void Run_Reviews_GivesTheShareOfLegitimateLabels()
    {
        int legitimate = Events.Count(e => e.Payment is not null && e.Scenario == FraudScenario.None);
        Assert.That(Labels.Count(l => !l.Fraud) / (double)legitimate, Is.EqualTo(0.01).Within(0.004));
        Assert.That(PaymentSimulator.Run(Small with { ReviewShare = 0 }).Count(e => e.Label is { Fraud: false }), Is.Zero);
    }

    [Test]
    public void Run_Always_KeepsTokensShortAndUnlikeCardNumbers()
    {
        foreach (Payment payment in Payments)
        {
            foreach (string? token in new[] { payment.TransactionId, payment.Card, payment.Account, payment.Device, payment.Merchant })
            {
                Assert.That(token is null || (token.Length is > 0 and <= 64 && token.Count(char.IsAsciiDigit) < 13), token);
            }
            Assert.That(payment.IpAddress is null || IPAddress.Parse(payment.IpAddress).ToString() == payment.IpAddress, payment.IpAddress);
        }
        Assert.That(Payments.Select(p => p.Card), Is.All.Matches<string>(t => CardPattern().IsMatch(t!)));
    }

    [Test]
    public void Run_Always_UsesEveryChannelAsItIs()
    {
        Assert.That(Payments.Select(p => p.Channel).Distinct(), Is.EquivalentTo(new[]
        {
            Channel.CardPresent, Channel.Contactless, Channel.Ecommerce, Channel.Atm, Channel.Recurring,
        }));
        foreach (Payment payment in Payments)
        {
            bool remote = payment.Channel is Channel.Ecommerce or Channel.Recurring;
            Assert.That(double.IsNaN(payment.Latitude), Is.EqualTo(remote));
            Assert.That(payment.Device is not null && payment.IpAddress is not null, Is.EqualTo(payment.Channel == Channel.Ecommerce));
            Assert.That(payment.AmountMinor, Is.Not.Negative);
            Assert.That(payment.Country, Has.Length.EqualTo(2));
            Assert.That(payment.MerchantCategory, Is.InRange(1, 9_999));
        }
    }

    [Test]
    public void Run_ManyCustomers_SharesSomeHomesAndGivesSomeTwoCards()
    {
        Payment[] payments = [.. PaymentSimulator.Run(new SimulationOptions { Days = 20, Seed = 8 })
            .Where(e => e is { Payment: not null, Scenario: FraudScenario.None }).Select(e => e.Payment!)];
        Assert.That(payments.GroupBy(p => p.Account).Average(g => g.Select(p => p.Card).Distinct().Count()), Is.InRange(1.04, 1.08));
        Assert.That(payments.Count(p => p.Currency.Code != "EUR") / (double)payments.Length, Is.EqualTo(0.07).Within(0.02));
        double perAddress = payments.Where(p => p.IpAddress is not null).GroupBy(p => p.IpAddress)
            .Average(g => g.Select(p => p.Account).Distinct().Count());
        Assert.That(perAddress, Is.InRange(1.2, 4));
    }

    [Test]
    public void Run_TinyPopulations_Works()
    {
        foreach (int size in new[] { 1, 2, 5 })
        {
            SimulationOptions options = new()
            {
                Customers = size, Terminals = size, Days = 40, Radius = 150,
                CardTestingRate = 100, AccountTakeoverRate = 100, ImpossibleTravelRate = 100,
            };
            Assert.That(PaymentSimulator.Run(options).Count(e => e.Payment is not null), Is.Positive);
        }
    }

    [Test]
    public void Run_OptionsOutOfRange_NamesThemAll()
    {
        var options = new SimulationOptions
        {
            Customers = 0, Terminals = -1, Days = 4_000, Radius = double.NaN, ReviewShare = 1.5, AnalystDelay = TimeSpan.Zero,
            Start = new DateOnly(1900, 1, 1), CardTestingRate = -1, MerchantSkew = double.NaN, FixedLabelDelay = TimeSpan.FromDays(-1),
        };
        ArgumentException error = Assert.Throws<ArgumentException>(() => PaymentSimulator.Run(options))!;
        string[] names =
        [
            "Customers", "Terminals", "Days", "Radius", "ReviewShare", "AnalystDelay", "Start", "CardTestingRate", "MerchantSkew",
            "FixedLabelDelay",
        ];
        Assert.That(names, Is.All.Matches<string>(name => error.Message.Contains(name!, StringComparison.Ordinal)));
    }

    private static double DelayHours(Label label) => (label.LabelTimeMs - label.EventTimeMs) / 3_600_000.0;

    private static string Describe(SimulatedEvent e) => e.Payment is { } p
        ? $"{p.TransactionId} {p.EventTimeMs} {p.AmountMinor} {p.Card} {p.Device} {p.IpAddress} {p.Merchant} {p.Channel} {e.Scenario}"
        : $"{e.Label!.TransactionId} {e.Label.LabelTimeMs} {e.Label.Fraud} {e.Label.Source}";

    [GeneratedRegex("^card-[a-z]{12}$")]
    private static partial Regex CardPattern();
}
