using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

public sealed class WantedPaymentsTests
{
    [Test]
    public void Take_ATransactionWithSeveralLabels_GivesAllOnce_InTheirOrder()
    {
        var wanted = new WantedPayments();
        var (fraud, correction, other) = (Label("a", 1), Label("a", 2), Label("b", 3));
        foreach (var label in new[] { fraud, other, correction })
        {
            wanted.Add(label);
        }
        Assert.That((wanted.Count, wanted.Contains("a"), wanted.Contains("c")), Is.EqualTo((3, true, false)));
        Assert.That(wanted.Take("a"), Is.EqualTo(new[] { fraud, correction }));
        Assert.That(wanted.Take("a"), Is.Empty);
        Assert.That((wanted.Count, wanted.Contains("a")), Is.EqualTo((1, false)));
    }

    [Test]
    public void TimesMs_AreThoseOfThePayments_NotOfTheLabels()
    {
        var wanted = new WantedPayments();
        wanted.Add(Label("a", 1));
        wanted.Add(Label("a", 2));
        Assert.That(wanted.TimesMs, Is.EqualTo(new[] { 1_000L }));
    }

    private static WantedLabel Label(string transaction, long offset) => new(
        new EntityKey(1, 2), new Label { TransactionId = transaction, EventTimeMs = 1_000, LabelTimeMs = 2_000, Fraud = true },
        new ParkedLabel(2_000, 3_000, 0, offset, []));
}
