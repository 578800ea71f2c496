using FraudScoring.Server.Streams;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Streams;

public sealed class ReadPaceTests
{
    [Test]
    public async Task TakeAsync_FasterThanAllowed_WaitsForTheRestOfTheStep()
    {
        var time = new FakeTimeProvider();
        var pace = new ReadPace(recordsPerSecond: 100, time);
        for (var i = 0; i < 4; i++)
        {
            Assert.That(pace.TakeAsync(CancellationToken.None).IsCompleted, Is.True);
        }
        time.Advance(TimeSpan.FromMilliseconds(20));
        var fifth = pace.TakeAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(29));
        Assert.That(fifth.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await fifth;
    }

    [Test]
    public void TakeAsync_AfterAPause_AllowsNoBurst()
    {
        var time = new FakeTimeProvider();
        var pace = new ReadPace(recordsPerSecond: 100, time);
        time.Advance(TimeSpan.FromSeconds(10));
        var waits = Enumerable.Range(0, 10).Count(_ => !pace.TakeAsync(CancellationToken.None).IsCompleted);
        Assert.That(waits, Is.EqualTo(1));
    }
}
