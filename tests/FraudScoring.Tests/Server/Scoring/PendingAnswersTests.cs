using FraudScoring.Server.Scoring;
using FraudScoring.V1;

namespace FraudScoring.Tests.Server.Scoring;

/// <summary>Concurrent requests of one transaction id share a run.</summary>
public sealed class PendingAnswersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Wait_WhileTheAnswerIsCompleted_AlwaysGetsIt()
    {
        for (var i = 0; i < 2000; i++)
        {
            var (pending, given) = (new PendingAnswers(), new Assessment());
            var answer = new PendingAnswer(new Payment(), ("", ""));
            Assert.That(pending.FindOrBegin("id", answer), Is.Null);
            using var start = new Barrier(3);
            var waits = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait();
                return answer.WaitAsync(Limit, TimeProvider.System);
            })).ToList();
            await Task.Run(() =>
            {
                start.SignalAndWait();
                pending.End("id", answer, given);
            });
            Assert.That(await Task.WhenAll(waits), Is.All.SameAs(given));
        }
    }

    [Test]
    public async Task Wait_ForARunThatFailed_EndsWithoutAnAnswer_AndTheNextRequestBegins()
    {
        var pending = new PendingAnswers();
        var (first, second) = (new PendingAnswer(new Payment(), ("", "")), new PendingAnswer(new Payment(), ("", "")));
        pending.FindOrBegin("id", first);
        Assert.That(pending.FindOrBegin("id", second), Is.SameAs(first));
        var wait = first.WaitAsync(Limit, TimeProvider.System);
        Assert.That(wait.IsCompleted, Is.False);
        pending.End("id", first, null);
        Assert.That(await wait, Is.Null);
        Assert.That(pending.FindOrBegin("id", second), Is.Null);
    }
}
