using FraudScoring.LoadTest.Scores;
using FraudScoring.V1;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class SimulatedTrafficTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.Zero));

    [Test]
    public void Payments_OfEveryLap_AreOfTheLastDayAndHaveTheirOwnIds()
    {
        var traffic = Draw(out var history);
        var newest = history.Where(record => !record.IsLabel).Max(record => Time(TransactionEvent.Parser.ParseFrom(record.Message.Value)));
        var drawn = Enumerable.Range(0, 20_000).Select(_ => Request(traffic, traffic.TakeNumber()).Payment).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(drawn.Select(payment => payment.TransactionId), Is.Unique);
            Assert.That(drawn.Select(payment => payment.EventTime.ToDateTimeOffset()), Is.All.LessThan(_time.GetUtcNow()));
            Assert.That(drawn.Select(payment => payment.EventTime.ToDateTimeOffset()), Is.All.GreaterThan(_time.GetUtcNow().AddHours(-24)));
            Assert.That(drawn.Min(payment => payment.EventTime.ToDateTimeOffset()), Is.GreaterThan(newest));
            Assert.That(drawn.CountBy(payment => payment.CardToken).Max(card => card.Value), Is.GreaterThan(20), "laps");
        }
    }

    [Test]
    public void Payments_OfLaterLaps_AreHalfAnHourLater()
    {
        var traffic = Draw(out _);
        var first = Request(traffic, 0).Payment;
        var lap = Enumerable.Range(1, 10_000).First(number => Request(traffic, number).Payment is var payment
            && payment.CardToken == first.CardToken && payment.Amount == first.Amount && payment.MerchantId == first.MerchantId);
        Assert.That(Request(traffic, lap).Payment.EventTime.Seconds, Is.EqualTo(first.EventTime.Seconds + 1800));
    }

    [Test]
    public void Payments_MoveOnWithTheClock()
    {
        var traffic = Draw(out _);
        var before = Request(traffic, 5).Payment.EventTime.Seconds;
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.That(Request(traffic, 5).Payment.EventTime.Seconds, Is.EqualTo(before + 180));
    }

    [Test]
    public void Frauds_AreHalfAPercentAtMost()
    {
        var traffic = Draw(out _, customers: 4000);
        Assert.That(traffic.FraudShare, Is.InRange(0.002, 0.005));
    }

    [Test]
    public void EventAndLabel_AreOfTheScoredPayment()
    {
        var traffic = Draw(out _);
        var payment = Request(traffic, 77).Payment;
        var label = LabelEvent.Parser.ParseFrom(traffic.Label(77).Value);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TransactionEvent.Parser.ParseFrom(traffic.Event(77).Value).Payment, Is.EqualTo(payment));
            Assert.That(label.TransactionId, Is.EqualTo(payment.TransactionId));
            Assert.That(label.EventTime, Is.EqualTo(payment.EventTime));
            Assert.That(label.CardToken, Is.EqualTo(payment.CardToken));
            Assert.That(label.LabelTime.ToDateTimeOffset(), Is.EqualTo(_time.GetUtcNow()));
        }
    }

    private SimulatedTraffic Draw(out List<HistoryRecord> history, int customers = 1000)
    {
        var traffic = new SimulatedTraffic(customers, days: 2, _time);
        history = [.. traffic.History()];
        return traffic;
    }

    private static ScoreRequest Request(SimulatedTraffic traffic, long number) => ScoreRequest.Parser.ParseFrom(traffic.Payment(number));

    private static DateTimeOffset Time(TransactionEvent made) => made.Payment.EventTime.ToDateTimeOffset();
}
