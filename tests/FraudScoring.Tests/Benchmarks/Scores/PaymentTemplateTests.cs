using FraudScoring.LoadTest.Scores;
using FraudScoring.TestKit.Services;
using FraudScoring.V1;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class PaymentTemplateTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    [TestCase("card-1")]
    [TestCase("a card with a long token, so that the payment's length takes two bytes more than it would")]
    public void Copy_IsThePaymentWithItsOwnIdAndTime(string card)
    {
        var payment = ServiceUnderTest.NewPayment("any", card, At);
        var template = new PaymentTemplate(payment, "0123abcd", isFraud: false);
        var expected = payment.Clone();
        (expected.TransactionId, expected.EventTime.Seconds) = ("0123abcd-000000098765", At.ToUnixTimeSeconds() + 4321);
        var copy = template.Copy(98_765, laterSeconds: 4321);
        Assert.That(TransactionEvent.Parser.ParseFrom(copy), Is.EqualTo(new TransactionEvent { Payment = expected }));
        Assert.That(ScoreRequest.Parser.ParseFrom(copy), Is.EqualTo(new ScoreRequest { Payment = expected }));
    }

    [Test]
    public void Copy_Explained_AsksForContributions()
    {
        var template = new PaymentTemplate(ServiceUnderTest.NewPayment("any", at: At), "0123abcd", isFraud: false);
        var request = ScoreRequest.Parser.ParseFrom(template.Copy(7, laterSeconds: 0, isExplained: true));
        Assert.That(request.Explain, Is.EqualTo(ExplainMode.Always));
        Assert.That(request.Payment.TransactionId, Is.EqualTo(PaymentTemplate.Id("0123abcd", 7)));
    }
}
