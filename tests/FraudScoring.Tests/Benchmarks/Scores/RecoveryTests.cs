using FraudScoring.LoadTest.Scores;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class RecoveryTests
{
    private static TimeSlot[] Slots(params (int Count, long Offered, long Good, long Refused)[] parts) =>
        [.. parts.SelectMany(part => Enumerable.Repeat(
            new TimeSlot { Offered = part.Offered, Good = part.Good, Refused = part.Refused }, part.Count))];

    [Test]
    public void Seconds_WindowsWithoutEnoughGood_EndTheirRecoveryWithTheLast() => Assert.That(
        Recovery.Seconds(Slots((20, 100, 30, 70), (10, 100, 100, 0), (5, 100, 94, 6), (10, 100, 95, 5)), dropSeconds: 2),
        Is.EqualTo(1.5));

    [Test]
    public void Seconds_EveryWindowIsGood_IsNothing() =>
        Assert.That(Recovery.Seconds(Slots((20, 100, 30, 70), (10, 100, 100, 0)), dropSeconds: 2), Is.Zero);

    [Test]
    public void Seconds_TheLastWindowIsNotGood_IsNotANumber() =>
        Assert.That(Recovery.Seconds(Slots((10, 100, 100, 0), (5, 100, 90, 10)), dropSeconds: 0), Is.NaN);

    [Test]
    public void Seconds_SlotsWithoutPayments_DoNotCount() =>
        Assert.That(Recovery.Seconds(Slots((10, 100, 100, 0), (10, 0, 0, 0)), dropSeconds: 0), Is.Zero);

    [Test]
    public void After_BeginsWithTheSlotOfTheTime() => Assert.That(
        Recovery.After(Slots((10, 9, 0, 9), (1, 9, 4, 5), (9, 9, 7, 2)), seconds: 1).Sum(slot => slot.Refused), Is.EqualTo(5 + 18));
}
