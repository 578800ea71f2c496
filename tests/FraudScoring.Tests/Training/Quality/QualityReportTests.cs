using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.Training.Quality;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Training.Quality;

public sealed class QualityReportTests
{
    private static readonly SimulationOptions Options = new() { Customers = 300, Terminals = 600, Days = 30, Radius = 15, Seed = 11 };

    [Test]
    public void Of_SimulatedLog_CountsItAndSuspectsNothing()
    {
        var report = Report(Simulated());
        var payments = Simulated().Count(r => r.Transaction is not null);
        Assert.Multiple(() =>
        {
            Assert.That(report.Payments, Is.EqualTo(payments));
            Assert.That(report.Labels, Is.EqualTo(Simulated().Count(r => r.Label is not null)));
            Assert.That(report.Frauds, Is.EqualTo(Simulated().Count(r => r.Label is { Fraud: true })));
            Assert.That(report.Repeated, Is.Zero);
            Assert.That(report.Columns.Select(c => c.Name),
                Does.Contain("payment.amount").And.Contain("payment.card").And.Contain("payment.channel"));
            Assert.That(report.Columns.Single(c => c.Name == "payment.card").Missing, Is.Zero);
            Assert.That(report.Warnings, Has.None.Contains("may leak").And.None.Contains("drifts"));
            Assert.That(report.LabelDelayHours!.Least, Is.GreaterThanOrEqualTo(0).And.LessThan(report.LabelDelayHours.Median));
        });
    }

    [Test]
    public void Of_AttributeThatRevealsTheLabel_IsTooGoodToBeTrue()
    {
        var frauds = Simulated().Where(r => r.Label is { Fraud: true }).Select(r => r.Label.TransactionId).ToHashSet();
        foreach (var text in new[] { false, true })
        {
            var yes = text ? new AttributeValue { Text = "yes" } : new AttributeValue { Number = 1 };
            var no = text ? new AttributeValue { Text = "no" } : new AttributeValue { Number = 0 };
            var report = Report(Simulated().Select(r => With(r, payment =>
                payment.Attributes["chargeback"] = frauds.Contains(payment.TransactionId) ? yes : no)));
            Assert.That(report.Warnings, Has.Exactly(1).StartsWith("payment.attributes.chargeback may leak the label"));
        }
    }

    [Test]
    public void Of_FieldThatChangesOverTime_Drifts()
    {
        var number = 0;
        var report = Report(Simulated().Select(r => With(r, payment =>
            payment.Attributes["release"] = new AttributeValue { Number = number++ / 100 })));
        Assert.That(report.Warnings, Has.Exactly(1).StartsWith("payment.attributes.release drifts"));
    }

    [Test]
    public void Of_RepeatedIdsAndEarlyLabels_AreWarnedOf()
    {
        var all = Simulated().ToList();
        all.AddRange(all.Where(r => r.Transaction is not null).Take(3).ToList());
        var label = all.First(r => r.Label is not null).Label;
        label.LabelTime = new Timestamp { Seconds = label.EventTime.Seconds - 10 };
        var report = Report(all);
        Assert.That(report.Repeated, Is.EqualTo(3));
        Assert.That(report.Warnings,
            Has.Some.Contains("3 payments have the transaction id").And.Some.Contains("labels are dated before their payments"));
    }

    [Test]
    public void Of_NoFraudsOrNothing_SaysThatTrainingNeedsBothClasses()
    {
        Assert.That(Report(Simulated().Where(r => r.Label is null)).Warnings[0], Does.Contain("training needs both classes"));
        Assert.That(Report([]).Warnings, Is.Not.Empty);
    }

    [Test]
    public void Of_LabelTakenBack_IsNoFraud()
    {
        var fraud = Simulated().First(r => r.Label is { Fraud: true });
        var back = fraud.Clone();
        back.Label.Fraud = false;
        Assert.That(Report([fraud, back]).Frauds, Is.Zero);
    }

    [Test]
    public void Write_Report_IsTheSameJsonEachTime()
    {
        var folder = Directory.CreateTempSubdirectory("quality-").FullName;
        try
        {
            var (one, two) = (Path.Combine(folder, "1.json"), Path.Combine(folder, "2.json"));
            Report(Simulated()).Write(one);
            Report(Simulated()).Write(two);
            Assert.That(File.ReadAllText(one),
                Is.EqualTo(File.ReadAllText(two)).And.Contains("\"average_precision\"").And.Contains("\"label_delay_hours\""));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static QualityReport Report(IEnumerable<EventLogRecord> records)
    {
        var log = new LogQuality();
        foreach (var record in records)
        {
            log.See(record);
        }
        return QualityReport.Create(log, log.Repeated);
    }

    private static EventLogRecord With(EventLogRecord record, Action<Payment> change)
    {
        if (record.Transaction?.Payment is { } payment)
        {
            change(payment);
        }
        return record;
    }

    private static IEnumerable<EventLogRecord> Simulated() => PaymentSimulator.Run(Options).Select(e => e.Payment is { } payment
        ? new EventLogRecord { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(payment) } }
        : new EventLogRecord { Label = EventWriter.ToProto(e.Label!) });
}
