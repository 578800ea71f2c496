using FraudScoring.Training.Quality;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Training.Quality;

public sealed class IdentifierWarningsTests
{
    [Test]
    public void Find_CardsNumberedPerUser_SaysToCombineThem()
    {
        var warnings = Find(20_000, 30, (payment, i) => payment.CardToken = $"{i % 9}");
        Assert.That(warnings.Single(), Is.EqualTo("payment.card has only 9 different values in 20,000 payments (74 per value and day): "
            + "it may be a number within each user; combine it with the user's column in the mapping"));
        Assert.That(Find(20_000, 30, (payment, i) => payment.AccountToken = "one").Single(), Does.StartWith("payment.account is the same in all 20,000 payments (667 per value and day)"));
    }

    [TestCase(20_000, 30, 2_000)]
    [TestCase(20_000, 3_000, 9)]
    [TestCase(200, 1, 100)]
    public void Find_PlausibleCards_SaysNothing(int payments, int days, int cards) =>
        Assert.That(Find(payments, days, (payment, i) => payment.CardToken = $"card-{i % cards}"), Is.Empty);

    [Test]
    public void Find_KindsOfDevices_SaysSo() => Assert.That(
        Find(5_000, 30, (payment, i) => payment.DeviceToken = i % 2 == 0 ? "ios" : "android").Single(),
        Does.StartWith("payment.device has only 2 different values").And.Contain("map it as an attribute"));

    [TestCase("ada.lovelace@example.org", "an e-mail address")]
    [TestCase("c-ada@example.org", "an e-mail address")]
    [TestCase("DE89 3704 0044 0532 0130 00", "an IBAN")]
    [TestCase("gb29nwbk60161331926819", "an IBAN")]
    [TestCase("account-NL91ABNA0417164300", "an IBAN")]
    [TestCase("+49 170 1234567", "a telephone number")]
    [TestCase("00491701234567", "a telephone number")]
    [TestCase("(555) 234-5678", "a telephone number")]
    [TestCase("555-234-5678", "a telephone number")]
    [TestCase("0170 1234567", "a telephone number")]
    public void Find_PersonalData_NamesFieldShareAndRemedy(string text, string kind)
    {
        var warnings = Find(300, 30, (payment, i) =>
        {
            payment.AccountToken = i % 2 == 0 ? text : $"account-{i}";
            payment.Attributes["contact"] = new AttributeValue { Text = text };
        });
        Assert.That(warnings, Is.EqualTo(new[]
        {
            $"payment.account looks like {kind} in 50 % of its rows: set \"hash\": true for it in the mapping, and send the same tokens to the service",
            $"payment.attributes.contact looks like {kind} in 100 % of its rows: set \"hash\": true for it in the mapping, "
                + "and send the same tokens to the service",
        }));
    }

    [TestCase("DE89370400440532013001", Description = "wrong check digits")]
    [TestCase("0b242abb623afc578575680df30655b9")]
    [TestCase("9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0")]
    [TestCase("2018-04-01")]
    [TestCase("1522540831")]
    [TestCase("shop@home")]
    [TestCase("10.0.0.1")]
    public void Find_OtherIdentifiers_SaysNothing(string text) => Assert.That(
        Find(300, 30, (payment, i) => payment.MerchantId = text), Is.Empty);

    private static List<string> Find(int payments, int days, Action<Payment, int> change)
    {
        var log = new LogQuality();
        for (var i = 0; i < payments; i++)
        {
            var payment = new Payment
            {
                TransactionId = $"t{i}", CardToken = $"card-{i}",
                EventTime = new Timestamp { Seconds = 1_522_540_800 + ((long)i * days * 86_400 / payments) },
            };
            change(payment, i);
            log.See(new EventLogRecord { Transaction = new TransactionEvent { Payment = payment } });
        }
        return [.. IdentifierWarnings.Find(log)];
    }
}
