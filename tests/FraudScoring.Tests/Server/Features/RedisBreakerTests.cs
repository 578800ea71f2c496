using FraudScoring.Server.Features;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace FraudScoring.Tests.Server.Features;

public sealed class RedisBreakerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(20);

    private FakeTimeProvider _time = null!;
    private List<bool> _changes = null!;
    private List<TaskCompletionSource> _probes = null!;
    private Action _probing = null!;
    private CancellationTokenSource _stopping = null!;
    private RedisBreaker _breaker = null!;

    [SetUp]
    public void Create()
    {
        (_time, _changes, _probes, _stopping) = (new FakeTimeProvider(), [], [], new CancellationTokenSource());
        _probing = () => { };
        _breaker = new RedisBreaker(Limit, Probe, _changes.Add, _time, _stopping.Token);
    }

    [TearDown]
    public void Stop() => _stopping.Dispose();

    [Test]
    public void Record_TimeoutsOneAfterAnother_OpenIt()
    {
        TimeOut();
        TimeOut();
        Assert.That(_breaker.IsOpen, Is.False);
        TimeOut();
        Assert.That(_breaker.IsOpen, Is.True);
        Assert.That(_changes, Is.EqualTo(new[] { true }));
    }

    [Test]
    public void Record_AnswerBetweenTimeouts_BeginsTheCountAgain()
    {
        for (var i = 0; i < 10; i++)
        {
            TimeOut();
            TimeOut();
            _breaker.Record(i % 2 == 0 ? Task.CompletedTask : Task.FromException(new RedisServerException("LOADING")), _time.GetTimestamp());
        }
        Assert.That(_breaker.IsOpen, Is.False);
    }

    [Test]
    public void Record_ErrorOfTheConnection_IsNoAnswer()
    {
        TimeOut();
        TimeOut();
        _breaker.Record(Task.FromException(new RedisConnectionException(ConnectionFailureType.SocketFailure, "")), _time.GetTimestamp());
        TimeOut();
        Assert.That(_breaker.IsOpen, Is.True);
    }

    [Test]
    public void Record_AllReadsOfOnePause_DoNotOpenIt()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++)
        {
            _breaker.Record(NeverAnswered(), sentAt);
        }
        Assert.That(_breaker.IsOpen, Is.False);
    }

    [Test]
    public void Record_ShortWaits_OpenItOnlyAfterALongSilence()
    {
        for (var i = 1; i < 60; i++)
        {
            TimeOut(TimeSpan.FromMilliseconds(1));
            Assert.That(_breaker.IsOpen, Is.False, $"after {i} ms");
        }
        TimeOut(TimeSpan.FromMilliseconds(1));
        Assert.That(_breaker.IsOpen, Is.True);
    }

    [Test]
    public void Record_ShortWaitsWhoseReadsAreAnsweredInTime_DoNotOpenIt()
    {
        for (var i = 0; i < 100; i++)
        {
            var (read, sentAt) = (new TaskCompletionSource(), _time.GetTimestamp());
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _breaker.Record(read.Task, sentAt);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            read.SetResult();
        }
        Assert.That(_breaker.IsOpen, Is.False);
    }

    [Test]
    public void Record_ReadsThatAreAlwaysAnsweredLate_OpenIt()
    {
        for (var i = 0; i < 3; i++)
        {
            var (read, sentAt) = (new TaskCompletionSource(), _time.GetTimestamp());
            _time.Advance(Limit);
            _breaker.Record(read.Task, sentAt);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            read.SetResult();
        }
        Assert.That(_breaker.IsOpen, Is.True);
    }

    [Test]
    public async Task Probe_AnsweredInTime_ClosesIt()
    {
        Open();
        await AdvanceAsync(TimeSpan.FromMilliseconds(49));
        Assert.That(_probes, Is.Empty);
        await AdvanceAsync(TimeSpan.FromMilliseconds(1));
        await UntilAsync(() => _probes.Count == 1);
        Assert.That(_breaker.IsOpen, Is.True);
        _probes[0].SetResult();
        await ClosedAsync();
        Assert.That(_changes, Is.EqualTo(new[] { true, false }));
        TimeOut();
        TimeOut();
        Assert.That(_breaker.IsOpen, Is.False, "the count began again");
    }

    [Test]
    public async Task Probe_NotAnswered_StaysTheOnlyOne_AndItsLateAnswerLeadsToTheNext()
    {
        Open();
        await AdvanceAsync(TimeSpan.FromSeconds(30), steps: 1000);
        Assert.That(_probes, Has.Count.EqualTo(1));
        _probes[0].SetResult();
        for (var i = 0; i < 60 && _probes.Count == 1; i++)
        {
            await AdvanceAsync(TimeSpan.FromMilliseconds(10));
        }
        Assert.That(_probes, Has.Count.EqualTo(2));
        Assert.That(_breaker.IsOpen, Is.True, "the first answer was late");
        _probes[1].SetResult();
        await ClosedAsync();
    }

    [Test]
    public async Task Probe_Failed_IsRepeatedAfterPausesThatGrowToHalfASecond()
    {
        Open();
        foreach (var pauseMs in new[] { 50, 100, 200, 400, 500, 500, 500 })
        {
            var before = _probes.Count;
            await AdvanceAsync(TimeSpan.FromMilliseconds(pauseMs - 1));
            Assert.That(_probes, Has.Count.EqualTo(before), $"before {pauseMs} ms");
            await AdvanceAsync(TimeSpan.FromMilliseconds(1));
            await UntilAsync(() => _probes.Count == before + 1);
            _probes[^1].SetException(new RedisConnectionException(ConnectionFailureType.SocketFailure, ""));
        }
        Assert.That(_breaker.IsOpen, Is.True);
    }

    [Test]
    public async Task Opened_SoonAfterItClosed_GoesOnWithALongerPause_AndLaterWithTheFirst()
    {
        Open();
        await AdvanceAsync(TimeSpan.FromMilliseconds(50));
        await UntilAsync(() => _probes.Count == 1);
        _probes[0].SetResult();
        await ClosedAsync();
        Open();
        await AdvanceAsync(TimeSpan.FromMilliseconds(199));
        Assert.That(_probes, Has.Count.EqualTo(1));
        await AdvanceAsync(TimeSpan.FromMilliseconds(1));
        await UntilAsync(() => _probes.Count == 2);
        _probes[1].SetResult();
        await ClosedAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        Open();
        await AdvanceAsync(TimeSpan.FromMilliseconds(50));
        await UntilAsync(() => _probes.Count == 3);
    }

    [Test]
    public async Task Stop_WhileOpen_EndsTheProbes()
    {
        Open();
        await _stopping.CancelAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(10), steps: 100);
        Assert.That(_probes, Is.Empty);
        Assert.That(_changes, Is.EqualTo(new[] { true }));
    }

    [Test]
    public async Task Probe_RunsInNoContextOfThePaymentThatOpenedTheBreaker()
    {
        var payment = new AsyncLocal<string> { Value = "payment" };
        var seen = new List<string?>();
        _probing = () => seen.Add(payment.Value);
        Open();
        await AdvanceAsync(TimeSpan.FromMilliseconds(50));
        await UntilAsync(() => seen.Count > 0);
        Assert.That(seen, Is.EqualTo(new string?[] { null }));
        Assert.That(payment.Value, Is.EqualTo("payment"));
    }

    private void Open()
    {
        for (var i = 0; i < 3; i++)
        {
            TimeOut();
        }
        Assert.That(_breaker.IsOpen, Is.True);
    }

    private void TimeOut(TimeSpan? wait = null)
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(wait ?? Limit);
        _breaker.Record(NeverAnswered(), sentAt);
    }

    private Task Probe()
    {
        _probing();
        _probes.Add(new TaskCompletionSource());
        return _probes[^1].Task;
    }

    private Task ClosedAsync() => UntilAsync(() => !_breaker.IsOpen);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 10_000 && !condition(); i++)
        {
            await Task.Delay(1);
        }
        Assert.That(condition, Is.True);
    }

    /// <summary>Advances the clock, and lets the probes follow it before and after.</summary>
    private async Task AdvanceAsync(TimeSpan duration, int steps = 1)
    {
        for (var i = 0; i < steps; i++)
        {
            await Task.Delay(1);
            _time.Advance(duration / steps);
        }
        await Task.Delay(1);
    }

    private static Task NeverAnswered() => new TaskCompletionSource().Task;
}
