using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

public sealed class OldestLabelsTests
{
    [Test]
    public void Take_OfMoreLabelsThanFit_GivesThoseParkedLongest_InOrderOfTheirTime()
    {
        var labels = new OldestLabels(3);
        var (fraud, correction, old) = (Label("a", 4, 20), Label("a", 5, 21), Label("b", 9, 10));
        var (newer, newest) = (Label("c", 1, 22), Label("d", 2, 30));
        foreach (var label in new[] { newest, correction, newer, old, fraud })
        {
            labels.Add(label);
        }
        Assert.That(labels.Take(), Is.EqualTo(new[] { fraud, correction, old }));
        Assert.That(labels.Take(), Is.Empty);
    }

    private static WantedLabel Label(string transaction, long labelMs, long parkedMs) => new(
        new EntityKey(1, 2), new Label { TransactionId = transaction, EventTimeMs = 1, LabelTimeMs = labelMs, Fraud = true },
        new ParkedLabel(labelMs, parkedMs, 0, parkedMs, []));
}
