using FraudScoring.Core.Payments;
using FraudScoring.Demo;
using FraudScoring.Simulation;

namespace FraudScoring.Tests.Demo;

internal sealed class DemoSimulationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 13, 30, 0, TimeSpan.Zero);

    [Test]
    public void Options_AnyDurationAndRate_AreValidAndEndBeforeNow(
        [Values(50, 500, 20_000)] int customers, [Values(1, 500, 20_000)] int rate, [Values(0, 60, 86_400)] int seconds)
    {
        var simulation = new DemoSimulation(
            new DemoOptions { Customers = customers, Rate = rate, Duration = seconds == 0 ? null : TimeSpan.FromSeconds(seconds) }, Now);
        var faults = new Faults();
        simulation.Options.Validate(faults);
        Assert.That(faults, Is.Empty);
        Assert.That(simulation.EndMs, Is.LessThanOrEqualTo(Now.ToUnixTimeMilliseconds()));
        Assert.That(Now.ToUnixTimeMilliseconds() - simulation.Options.StartMs, Is.LessThan(simulation.AgeHours * 3_600_000L));
        Assert.That(simulation.AgeHours, Is.LessThanOrEqualTo(24 * 3660), "what the service accepts at most");
        Assert.That(simulation.LiveFromMs, Is.LessThan(simulation.EndMs));
    }

    [Test]
    public void Options_DurationGiven_HaveEnoughPaymentsForIt()
    {
        var demo = new DemoOptions { Duration = TimeSpan.FromSeconds(30), Rate = 500 };
        var simulation = new DemoSimulation(demo, Now);
        var live = Payments(simulation).Count(payment => payment.TimeMs >= simulation.LiveFromMs);
        Assert.That(live, Is.GreaterThan(15_000));
    }

    [Test]
    public void HistoryPayments_DefaultPopulation_AreNearTheTruth()
    {
        var simulation = new DemoSimulation(new DemoOptions { Duration = TimeSpan.FromSeconds(1) }, Now);
        var history = Payments(simulation).Count(payment => payment.TimeMs < simulation.LiveFromMs);
        Assert.That(simulation.HistoryPayments, Is.EqualTo(history).Within(10).Percent);
    }

    private static IEnumerable<SimulatedEvent> Payments(DemoSimulation simulation) =>
        PaymentSimulator.Run(simulation.Options).Where(happening => happening.Payment is not null);
}
