using FraudScoring.Core.Payments;
using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

public sealed class LabelsOptionsTests
{
    [TestCase(90, 0, true)]
    [TestCase(90, 1, false)]
    [TestCase(-1, 0, true)]
    public void IsWithinHorizon_CountsFromThePayment(int days, int milliseconds, bool expected)
    {
        const long payment = 1_000_000_000_000;
        var label = new Label
        {
            TransactionId = "t", EventTimeMs = payment, LabelTimeMs = payment + (days * MillisecondsPer.Day) + milliseconds, Fraud = true,
        };
        Assert.That(new LabelsOptions().IsWithinHorizon(label, payment), Is.EqualTo(expected));
    }
}
