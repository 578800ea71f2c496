using FraudScoring.Demo;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Demo;

internal sealed class RateMeterTests
{
    [Test]
    public void PerSecond_FirstReading_IsTheSpeedSinceTheStart()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time);
        Assert.That(meter.PerSecond(0), Is.Zero);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(meter.PerSecond(1_000), Is.EqualTo(500));
    }

    [Test]
    public void PerSecond_SteadyCount_IsItsSpeed()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time);
        var speed = 0.0;
        for (var i = 0; i <= 100; i++)
        {
            speed = meter.PerSecond(i * 125);
            time.Advance(TimeSpan.FromMilliseconds(250));
        }
        Assert.That(speed, Is.EqualTo(500).Within(1e-9));
    }

    [Test]
    public void PerSecond_CountStopsForTenSeconds_IsZero()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(meter.PerSecond(500), Is.EqualTo(500));
        time.Advance(TimeSpan.FromSeconds(5));
        meter.PerSecond(500);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(meter.PerSecond(500), Is.Zero);
    }
}
