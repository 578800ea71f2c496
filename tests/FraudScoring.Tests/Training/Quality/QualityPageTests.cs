using System.Text;
using System.Xml.Linq;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.Training.Quality;
using FraudScoring.V1;

namespace FraudScoring.Tests.Training.Quality;

public sealed class QualityPageTests
{
    private const string Nasty = "<script>alert('x')</script> & \"more\" ]]>";

    private static readonly Lazy<List<EventLogRecord>> Simulated = new(() =>
    [
        .. PaymentSimulator.Run(new SimulationOptions { Customers = 300, Terminals = 600, Days = 30, Radius = 15, Seed = 11 })
            .Select(made => made.Payment is { } payment
                ? new EventLogRecord { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(payment) } }
                : new EventLogRecord { Label = EventWriter.ToProto(made.Label!) }),
    ]);

    [Test]
    public void Page_SimulatedLog_IsWellFormedAndPlotsEverySubject()
    {
        var html = Text(Page(_ => { }));
        var page = XDocument.Parse(html);
        Assert.That(html, Does.StartWith("<!DOCTYPE html>\n<html lang=\"en\">"));
        Assert.That(page.Descendants("svg").Select(plot => plot.Attribute("aria-label")!.Value.Split(':', '.')[0]), Is.SupersetOf(new[]
        {
            "Payments by day", "Frauds by day of payment", "Labels by time since their payment, up to", "Amounts", "Missing values by field",
            "Payments per card", "Payments per merchant", "Rejected rows by reason",
        }));
        Assert.That(page.Descendants().Where(element => element.Name.LocalName is "script" or "link" or "img" or "iframe"), Is.Empty);
        Assert.That(page.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "href" or "src"), Is.Empty);
        Assert.That(page.Descendants("svg").Descendants().Attributes().Select(attribute => attribute.Value),
            Has.None.Contains("NaN").And.None.Contains("∞"));
        Assert.That(html, Does.Contain("prefers-color-scheme: dark"));
        Assert.That(html, Has.Length.LessThan(200_000));
    }

    [Test]
    public void Page_SeveralDefects_NamesTheThreeGravestInOrderAndTheOthersBelow()
    {
        var frauds = Simulated.Value.Where(r => r.Label is { Fraud: true }).Select(r => r.Label.TransactionId).ToHashSet();
        var number = 0;
        var page = Parse(Page(payment =>
        {
            payment.Attributes["chargeback"] = new AttributeValue { Number = frauds.Contains(payment.TransactionId) ? 1 : 0 };
            payment.Attributes["release"] = new AttributeValue { Number = number++ / 100 };
            payment.DeviceToken = number % 3 == 0 ? "unknown" : payment.DeviceToken;
        }));
        var findings = page.Descendants("ol").Single().Elements("li").Select(finding => finding.Value).ToArray();
        Assert.That(findings, Has.Length.EqualTo(3));
        Assert.That(findings[0], Does.StartWith("payment.attributes.chargeback may leak the label"));
        Assert.That(findings[1], Does.StartWith("payment.attributes.release drifts"));
        Assert.That(findings[2], Does.StartWith("One device has 3"));
        Assert.That(page.Descendants("header").Single().Attribute("class")!.Value, Is.EqualTo("failed"));
        Assert.That(page.Descendants("ul").Single().Value, Does.Contain("rows were rejected, 1 %"));
    }

    [Test]
    public void Page_OneDefect_SaysThatNothingElseIsSuspicious()
    {
        var header = Parse(Page(_ => { })).Descendants("header").Single();
        Assert.That(header.Descendants("li").Single().Value, Does.StartWith("100 of 10,000 rows were rejected"));
        Assert.That(header.Value, Does.Contain("Nothing else is suspicious."));
    }

    [Test]
    public void Page_HostileTexts_AreEscapedAndCardNumbersHidden()
    {
        var page = new QualityPage($"{Nasty} 4111111111111111", Report(payment => payment.Attributes[Nasty] = new AttributeValue { Text = "x" }))
        {
            Rows = 10, RejectedRows = 1, Rejected = [new RejectedRows(Nasty, $"{Nasty} \u0002 5500-0000-0000-0004", 1, [Nasty])],
        };
        var html = Text(page);
        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("4111111111111111").And.Not.Contain("5500-0000-0000-0004"));
        Assert.That(XDocument.Parse(html).Descendants("td").Select(cell => cell.Value), Has.Some.EqualTo(Nasty).And.Some.Contains("…0004"));
    }

    [Test]
    public void Page_SameLog_IsTheSameBytes()
    {
        var first = Page(_ => { }).ToBytes();
        Assert.That(Page(_ => { }).ToBytes(), Is.EqualTo(first));
    }

    [Test]
    public void Page_EmptyLog_IsWrittenAndNamesIt() =>
        Assert.That(Parse(new QualityPage("empty", QualityReport.Create(new LogQuality(), repeated: 0))).Descendants("li").First().Value,
            Does.Contain("training needs both classes"));

    [Test]
    public void Page_LongLog_IsThinned()
    {
        var log = new LogQuality();
        for (var day = 0; day < 4_000; day++)
        {
            log.See(new EventLogRecord
            {
                Transaction = new TransactionEvent
                {
                    Payment = new Payment
                    {
                        TransactionId = $"{day}", CardToken = $"card-{day}", Amount = "10", Currency = "EUR",
                        EventTime = EventWriter.ToTimestamp(day * 86_400_000L),
                    },
                },
            });
        }
        var plot = Parse(new QualityPage("long", QualityReport.Create(log, repeated: 0))).Descendants("svg").First();
        Assert.That(plot.Elements("rect").Count(), Is.InRange(QualityPlots.MostBars / 2, QualityPlots.MostBars));
        Assert.That(plot.Value, Does.Contain("23 days per bar"));
    }

    private static QualityPage Page(Action<Payment> change) => new("own.events", Report(change))
    {
        Rows = 10_000, RejectedRows = 100, Rejected = [new RejectedRows("amount", "payment.amount is required", 100, ["own.csv row 3"])],
    };

    private static QualityReport Report(Action<Payment> change)
    {
        var log = new LogQuality();
        foreach (var record in Simulated.Value.Select(record => record.Clone()))
        {
            if (record.Transaction is { } made)
            {
                change(made.Payment);
            }
            log.See(record);
        }
        return QualityReport.Create(log, repeated: 0);
    }

    private static string Text(QualityPage page) => Encoding.UTF8.GetString(page.ToBytes());

    private static XDocument Parse(QualityPage page) => XDocument.Parse(Text(page));
}
