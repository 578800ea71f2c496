using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Inference.Contracts;

/// <summary>Times whose units were mixed up are named, also where the time itself is impossible.</summary>
public sealed class TimestampsTests
{
    private const long Seconds = Messages.NowMs / 1_000;

    private static IEnumerable<TestCaseData> MixUps()
    {
        yield return new(Ticks(Seconds, 1_000), "looks like seconds that were sent as milliseconds");
        yield return new(Ticks(Seconds, 1_000_000), "looks like seconds that were sent as microseconds");
        yield return new(new Timestamp { Seconds = Seconds * 1_000 }, "looks like milliseconds that were sent as seconds");
        yield return new(new Timestamp { Seconds = Seconds * 1_000_000 }, "looks like microseconds that were sent as seconds");
        yield return new(new Timestamp { Seconds = Seconds * 1_000_000_000 }, "looks like nanoseconds that were sent as seconds");
        yield return new(new Timestamp { Seconds = Seconds }, null);
        yield return new(new Timestamp(), null);
        yield return new(new Timestamp { Seconds = -Seconds }, null);
        yield return new(new Timestamp { Seconds = long.MinValue, Nanos = int.MinValue }, null);
        yield return new(new Timestamp { Seconds = long.MaxValue, Nanos = int.MaxValue }, null);
        yield return new(new Timestamp { Seconds = 86_400 * 365 }, null);
    }

    private static IEnumerable<TestCaseData> Named() => MixUps().Where(data => data.Arguments[1] is not null);

    [TestCaseSource(nameof(MixUps))]
    public void FindMixUp_OfATime_NamesBothUnits(Timestamp time, string? mixUp) =>
        Assert.That(Timestamps.FindMixUp(time), Is.EqualTo(mixUp));

    [TestCaseSource(nameof(Named))]
    public void Parse_ATimeWithMixedUpUnits_SaysSo_AndNeverShowsTheTime(Timestamp time, string mixUp)
    {
        var limits = new PaymentLimits { MaxEventAge = TimeSpan.MaxValue, EarliestMs = 946_684_800_000 };
        var (message, faults) = (Messages.Label(), new Faults());
        (message.EventTime, message.LabelTime) = (time, time);
        Assert.That(PaymentReader.Parse(message, limits, Messages.NowMs, faults), Is.Null);
        var payment = Messages.Payment();
        payment.EventTime = time;
        Assert.That(PaymentReader.Parse(payment, limits, Messages.NowMs, faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(["label.label_time", "label.event_time", "payment.event_time"]));
        Assert.That(faults, Has.All.Matches<Fault>(fault => fault.Message.EndsWith("; it " + mixUp, StringComparison.Ordinal)));
        Assert.That(faults.ToString(), Does.Not.Contain("1767"));
    }

    private static Timestamp Ticks(long count, long perSecond) =>
        new() { Seconds = count / perSecond, Nanos = (int)(count % perSecond * (1_000_000_000 / perSecond)) };
}
