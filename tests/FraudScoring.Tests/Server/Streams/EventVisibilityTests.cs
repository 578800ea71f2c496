using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>Timestamps that cannot be the time of a write are no measurement.</summary>
public sealed class EventVisibilityTests
{
    private const long NowMs = 1_800_000_000_000;

    [TestCase(0, ExpectedResult = true)]
    [TestCase(-600_000, ExpectedResult = true, Description = "ten minutes ago")]
    [TestCase(30_000, ExpectedResult = true, Description = "clocks differ")]
    [TestCase(-86_400_001, ExpectedResult = false)]
    [TestCase(60_001, ExpectedResult = false)]
    [TestCase((NowMs * 1000) - NowMs, ExpectedResult = false, Description = "microseconds")]
    [TestCase(-1 - NowMs, ExpectedResult = false, Description = "none")]
    public bool IsPlausible(long offsetMs) => EventVisibility.IsPlausible(NowMs + offsetMs, NowMs);
}
