using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

public sealed class SearchWindowTests
{
    [Test]
    public void Around_FarTimes_GivesOneWindowEach_InOrder() =>
        Assert.That(SearchWindow.Around([500, 100], 10), Is.EqualTo(new SearchWindow[] { new(90, 110), new(490, 510) }));

    [Test]
    public void Around_OverlappingOrTouchingTimes_JoinsThem() =>
        Assert.That(SearchWindow.Around([100, 110, 120, 141], 10), Is.EqualTo(new SearchWindow[] { new(90, 130), new(131, 151) }));

    [Test]
    public void Around_TimesNearTheEpoch_NeverAsksForNegativeOnes() =>
        Assert.That(SearchWindow.Around([3], 10), Is.EqualTo(new SearchWindow[] { new(0, 13) }));

    [Test]
    public void Around_NoTimes_GivesNoWindow() => Assert.That(SearchWindow.Around([], 10), Is.Empty);
}
