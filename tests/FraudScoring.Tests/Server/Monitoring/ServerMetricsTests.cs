using FraudScoring.Core.Decisions;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Tests.Server.Monitoring;

public sealed class ServerMetricsTests
{
    [Test]
    public void Decisions_EveryDecision_HasACounterOfItsOwn([Values] Decision decision)
    {
        Assert.That(ServerMetrics.Decisions[(int)decision], Is.Not.SameAs(ServerMetrics.Decisions[0]), "0 is unspecified");
    }

    /// <summary>The enum's values have a gap.</summary>
    [Test]
    public void Degradations_EveryDegradation_HasACounterOfItsOwn([Values] Degradation degradation)
    {
        Assert.That(ServerMetrics.Degradations[(int)degradation], Is.Not.SameAs(ServerMetrics.Degradations[0]), "0 is unspecified");
    }
}
