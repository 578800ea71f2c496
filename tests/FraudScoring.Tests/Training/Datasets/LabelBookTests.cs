using FraudScoring.Inference.Contracts;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Label = FraudScoring.Core.Payments.Label;
using MillisecondsPer = FraudScoring.Core.Payments.MillisecondsPer;

namespace FraudScoring.Tests.Training.Datasets;

/// <summary>What a payment is labelled at a time is its latest label by then, in whatever order the log holds them.</summary>
public sealed class LabelBookTests
{
    [TestCase("F1 F40", 0, 30, true, true)]
    [TestCase("F40 F1", 0, 30, true, true)]
    [TestCase("F1 L40", 0, 30, true, false)]
    [TestCase("L1 F40", 0, 30, false, true)]
    [TestCase("L1 F40", 0, 41, true, true)]
    [TestCase("F1 L20 F40", 0, 30, false, true)]
    [TestCase("F1 L20 F40", 0, 1, true, true)]
    [TestCase("F20 L20", 0, 30, true, true)]
    [TestCase("F20", 0, 19, false, true)]
    [TestCase("L20", 0, 19, false, false)]
    [TestCase("", 0, 19, false, false)]
    public void IsKnownFraud_SeveralLabels_IsTheLatestByThen(string labels, int paid, int day, bool known, bool final)
    {
        var book = LabelBook.Create(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => new EventLogRecord
        {
            Label = EventWriter.ToProto(new Label
            {
                TransactionId = "t", EventTimeMs = At(paid), Fraud = text[0] == 'F',
                LabelTimeMs = At(int.Parse(text[1..], System.Globalization.CultureInfo.InvariantCulture)),
            }),
        }));
        Assert.That((book.IsKnownFraud("t", At(day)), book.IsFraud("t")), Is.EqualTo((known, final)));
        Assert.That(book.TimesOf("t").IsFraudAt(At(day)), Is.EqualTo(known), "the same by the times of the row");
    }

    [Test]
    public void AsKnownAt_FraudTakenBackLater_IsFraudUntilThen()
    {
        var builder = new TrainingMatrixBuilder(["f"]);
        builder.Add([1], 0, 1, new RowOrigin(0, new FraudTimes(10) { Changes = [20, 30, 40] }));
        builder.Add([1], 1, 1, new RowOrigin(0, new FraudTimes(15)));
        builder.Add([1], 1);
        var rows = builder.Build();
        Assert.That(new[] { 9, 10, 20, 30, 40 }.Select(time => rows.AsKnownAt(time).Labels.ToArray()), Is.EqualTo(new float[][]
        {
            [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 1, 1],
        }));
    }

    private static long At(int day) => EventStreams.StartMs + (day * MillisecondsPer.Day);
}
