using FraudScoring.Server.Kafka;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Kafka;

/// <summary>While a dead-letter topic cannot be written, a run of bad records costs one attempt per second, not all attempts each.</summary>
public sealed class DeadLetterRouteTests
{
    [Test]
    public void Attempts_AfterAFailure_IsOnePerSecond_UntilALetterIsDelivered()
    {
        var time = new FakeTimeProvider();
        var route = new DeadLetterRoute(time);
        Assert.That(route.Attempts(5), Is.EqualTo(5));
        route.Report(isDelivered: false);
        Assert.That(route.Attempts(5), Is.Zero);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((route.Attempts(5), route.Attempts(5)), Is.EqualTo((1, 0)));
        route.Report(isDelivered: false);
        time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.That(route.Attempts(5), Is.Zero);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(route.Attempts(5), Is.EqualTo(1));
        route.Report(isDelivered: true);
        Assert.That(route.Attempts(5), Is.EqualTo(5));
    }
}
