using System.Text;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Training.Datasets;

public sealed class PaymentsWithoutRateTests
{
    [Test]
    public void Watch_Log_CountsByCurrencyAtTheTimeOfThePayment()
    {
        var rates = TestCatalogues.Rates(Encoding.UTF8.GetBytes("""{"reference_currency": "EUR", "rates": {"USD": {"2020-01-02": 0.9}}}"""));
        var counted = new PaymentsWithoutRate(rates);
        EventLogRecord[] records =
        [
            Payment("EUR", 0), Payment("USD", 0), Payment("USD", 86_400), Payment("XCG", 0), Payment("XCG", 86_400),
            new EventLogRecord { Label = new LabelEvent { TransactionId = "t" } },
        ];
        Assert.That(counted.Watch(records), Is.EqualTo(records));
        Assert.That(counted.ByCurrency, Is.EqualTo(new Dictionary<string, long> { ["USD"] = 1, ["XCG"] = 2 }));
        Assert.That(PaymentsWithoutRate.Warning(counted.ByCurrency), Does.Contain(": USD 1, XCG 2;").And.Contain("rates.json"));
        Assert.That(PaymentsWithoutRate.Warning(new Dictionary<string, long>()), Is.Null);
    }

    private static EventLogRecord Payment(string currency, long second) => new()
    {
        Transaction = new TransactionEvent
        {
            // 2020-01-01.
            Payment = new Payment { Currency = currency, EventTime = new Timestamp { Seconds = 1_577_836_800 + second } },
        },
    };
}
