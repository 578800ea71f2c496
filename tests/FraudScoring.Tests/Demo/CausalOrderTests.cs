using FraudScoring.Core.Payments;
using FraudScoring.Demo;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Demo;

internal sealed class CausalOrderTests
{
    private static readonly Currency Euro = Currency.TryGet("EUR", out var currency) ? currency : throw new InvalidOperationException();

    private long _applied;
    private CausalOrder _order = null!;

    [SetUp]
    public void Reset()
    {
        _applied = 0;
        _order = new CausalOrder(() => _applied);
    }

    [Test]
    public void TryTake_PaymentsThatShareNothing_TakesThemInOrder()
    {
        Add("1", "card-a", "device-a");
        Add("2", "card-b", "device-b");
        Assert.That(Taken(), Is.EqualTo("1"));
        Assert.That(Taken(), Is.EqualTo("2"));
        Assert.That(Taken(), Is.Null);
    }

    [TestCase("card-a", null, null)]
    [TestCase("card-b", "account-a", null)]
    [TestCase("card-b", null, "device-a")]
    public void TryTake_EarlierPaymentOfTheSameEntityUnknown_WaitsUntilItIsApplied(string card, string? account, string? device)
    {
        _order.Schedule(Payment("1", "card-a", "account-a", "device-a"), FraudScenario.None);
        _order.Schedule(Payment("2", card, account, device), FraudScenario.None);
        var first = _order.TryTake();
        Assert.That(Taken(), Is.Null, "not published yet");
        first!.Published(7);
        _applied = 6;
        Assert.That(Taken(), Is.Null, "published, not applied yet");
        _applied = 7;
        Assert.That(Taken(), Is.EqualTo("2"));
    }

    [Test]
    public void TryTake_OneCardWaits_OthersPassIt()
    {
        Add("1", "card-a", null);
        Add("2", "card-a", null);
        Add("3", "card-b", null);
        Assert.That(Taken(), Is.EqualTo("1"));
        Assert.That(Taken(), Is.EqualTo("3"));
        Assert.That(_order.Waiting, Is.EqualTo(1));
    }

    [Test]
    public void TryTake_ManyPaymentsOfFewEntities_KeepsTheOrderOfEachAndLosesNone()
    {
        var random = new Random(1);
        for (var i = 0; i < 25_000; i++)
        {
            Add($"{i}", $"card-{random.Next(40)}", random.Next(2) == 0 ? $"device-{random.Next(40)}" : null);
        }
        var lastOf = new Dictionary<string, int>();
        var taken = 0;
        while (_order.TryTake() is { } passage)
        {
            var number = int.Parse(passage.Payment.TransactionId, System.Globalization.CultureInfo.InvariantCulture);
            foreach (var token in new[] { passage.Payment.Card, passage.Payment.Device }.OfType<string>())
            {
                Assert.That(number, Is.GreaterThan(lastOf.GetValueOrDefault(token, -1)), token);
                lastOf[token] = number;
            }
            passage.Published(++taken);
            _applied = taken;
        }
        Assert.That(taken, Is.EqualTo(25_000));
    }

    private void Add(string id, string card, string? device) => _order.Schedule(Payment(id, card, null, device), FraudScenario.None);

    private string? Taken() => _order.TryTake()?.Payment.TransactionId;

    private static Payment Payment(string id, string card, string? account, string? device) => new()
    {
        TransactionId = id,
        EventTimeMs = 1,
        AmountMinor = 1,
        Currency = Euro,
        Card = card,
        Account = account,
        Device = device,
        Merchant = "shop",
        Channel = Channel.Ecommerce,
    };
}
