using System.Diagnostics;
using FraudScoring.LoadTest.Scores;
using Grpc.Core;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class MeasurementTests
{
    [Test]
    public void Costs_ArePerGoodPayment()
    {
        var measurement = Measured();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(measurement.OfferedPerSecond, Is.EqualTo(1.5));
            Assert.That(measurement.GoodPerSecond, Is.EqualTo(1));
            Assert.That(measurement.MicrosPerPayment(time => time.Service), Is.EqualTo(500_000));
            Assert.That(measurement.Load(time => time.Service), Is.EqualTo(0.5));
            Assert.That(measurement.MicrosPerPayment(time => time.Kafka), Is.NaN);
            Assert.That(measurement.AllocatedPerPayment, Is.EqualTo(150));
        }
    }

    [Test]
    public void Csv_HasARowPerMeasurement_AndNothingForWhatIsUnknown()
    {
        var lines = MeasurementFile.Csv([Measured()]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var row = lines[0].Split(',').Zip(lines[1].Split(',')).ToDictionary();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Length.EqualTo(2));
            Assert.That(lines[0].Split(','), Has.Length.EqualTo(lines[1].Split(',').Length));
            Assert.That((row["load"], row["good"], row["refused_by_status"]), Is.EqualTo(("\"one\"", "2", "Unavailable 1")));
            Assert.That((row["service_cpu_s"], row["kafka_cpu_s"], row["service_p99_ms"]), Is.EqualTo(("1", "", "")));
        }
    }

    [Test]
    public void Table_Markdown_HasARowPerMeasurement()
    {
        var table = new ResultTable("load", "a", "b", "c", "d")
            .Add("one", 12_345.6, 12.34, double.NaN, 7_000L).Add("two", "text", 0.5, 123.4, 1);
        Assert.That(table.Markdown(), Is.EqualTo("""
            | load | a | b | c | d |
            |---|---:|---:|---:|---:|
            | one | 12,346 | 12.3 | - | 7,000 |
            | two | text | 0.50 | 123 | 1 |

            """.ReplaceLineEndings("\n")));
    }

    private static Measurement Measured()
    {
        var (tally, now) = (new Tally(TimeSpan.FromHours(1), seconds: 2), Stopwatch.GetTimestamp());
        tally.Record(now, now, now, new Answer(Outcome.Scored));
        tally.Record(now, now, now, new Answer(Outcome.Scored));
        tally.Record(now, now, now, new Answer(Outcome.Refused, StatusCode.Unavailable));
        var times = new ProcessorTimes(TimeSpan.FromSeconds(1), TimeSpan.Zero, null, TimeSpan.FromSeconds(2));
        return new Measurement("open", "one", tally, times, AllocatedBytes: 300, View: null);
    }
}
