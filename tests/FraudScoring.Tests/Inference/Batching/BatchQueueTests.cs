using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class BatchQueueTests
{
    private static readonly BatchSettings Settings = new() { MaxRows = 4, QueueCapacity = 8, TransferThreshold = 1 };

    [Test]
    public async Task Enqueue_OneRow_GetsItsScoreAndMargins()
    {
        using var lane = Open();
        var asked = lane.Ask(0.25f);
        Assert.That(asked.IsCompleted, Is.False);
        Assert.That(lane.Worker.RunNext(), Is.EqualTo(1));
        var answer = await asked;
        Assert.That((answer.Outcome, answer.Score.Probability, answer.Score.Margin, answer.Device),
            Is.EqualTo((BatchOutcome.Scored, 0.25, 0.5, "scripted")));
        Assert.That(lane.Margins, Is.EqualTo(new[] { 0.25f, -0.25f }));
    }

    [Test]
    public async Task Enqueue_WhileARunIsInFlight_FormsTheNextBatch()
    {
        using var lane = Open();
        var second = new List<Task<BatchAnswer>>();
        lane.Device.OnRun = rows =>
        {
            if (rows.Length == 1)
            {
                second.AddRange([lane.Ask(0.2f).AsTask(), lane.Ask(0.3f).AsTask(), lane.Ask(0.4f).AsTask()]);
            }
        };
        var first = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That(lane.Worker.RunNext(), Is.EqualTo(3));
        Assert.That((await first).Score.Probability, Is.EqualTo(0.1f));
        Assert.That((await Task.WhenAll(second)).Select(answer => (float)answer.Score.Probability), Is.EqualTo(new[] { 0.2f, 0.3f, 0.4f }));
    }

    [Test]
    public async Task Take_ManyWait_TheEarliestDeadlineGoesFirst_AndOfEqualOnesTheEarlierRequest()
    {
        using var lane = Open();
        var order = new List<float>();
        lane.Device.OnRun = order.AddRange;
        int[] deadlines = [500, 100, 300, 100, 400, 200];
        var asked = deadlines.Select((ms, i) => lane.Ask(i / 10f, ms).AsTask()).ToArray();
        Assert.That((lane.Worker.RunNext(), lane.Worker.RunNext(), lane.Worker.RunNext()), Is.EqualTo((4, 2, 0)));
        Assert.That(order, Is.EqualTo(new[] { 0.1f, 0.3f, 0.5f, 0.2f, 0.4f, 0.0f }));
        Assert.That((await Task.WhenAll(asked)).Select(answer => answer.Outcome), Is.All.EqualTo(BatchOutcome.Scored));
    }

    [Test]
    public async Task Enqueue_FullQueue_IsAnsweredImmediately_AndThereIsRoomAgainAfterARun()
    {
        using var lane = Open();
        var waiting = Enumerable.Range(0, 8).Select(i => lane.Ask(i / 10f).AsTask()).ToArray();
        Assert.That((await lane.Ask(0.9f)).Outcome, Is.EqualTo(BatchOutcome.QueueFull));
        lane.Worker.RunNext();
        var late = lane.Ask(0.9f).AsTask();
        while (lane.Worker.RunNext() > 0)
        {
        }
        Assert.That((await Task.WhenAll([.. waiting, late])).Select(answer => answer.Outcome), Is.All.EqualTo(BatchOutcome.Scored));
        Assert.That((lane.Queue.Length, lane.Queue.Outstanding), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Take_DeadlinePassed_IsAnsweredAndNotRun()
    {
        using var lane = Open();
        var (late, timely) = (lane.Ask(0.1f, 0).AsTask(), lane.Ask(0.2f, 1000).AsTask());
        lane.Clock.Advance(TimeSpan.FromMilliseconds(5));
        lane.Worker.RunNext();
        Assert.That(((await late).Outcome, (await timely).Outcome), Is.EqualTo((BatchOutcome.DeadlineMissed, BatchOutcome.Scored)));
        Assert.That(lane.Batches, Is.EqualTo(new[] { ("scripted", 1) }));
    }

    [Test]
    public async Task Take_RunWouldEndAfterTheDeadline_IsAnsweredAndNotRun_UntilTheEstimateDecays()
    {
        using var lane = Open();
        lane.Device.OnRun = _ => lane.Clock.Advance(TimeSpan.FromMilliseconds(100));
        var slow = lane.Ask(0.1f, 1000).AsTask();
        lane.Worker.RunNext();
        Assert.That((await slow).Outcome, Is.EqualTo(BatchOutcome.Scored));

        var hopeless = lane.Ask(0.2f, 50).AsTask();
        Assert.That(lane.Worker.RunNext(), Is.Zero);
        Assert.That((await hopeless).Outcome, Is.EqualTo(BatchOutcome.DeadlineMissed));

        lane.Device.OnRun = null;
        var tries = 1;
        for (var outcome = BatchOutcome.DeadlineMissed; outcome != BatchOutcome.Scored; tries++)
        {
            var again = lane.Ask(0.3f, 50).AsTask();
            lane.Worker.RunNext();
            outcome = (await again).Outcome;
        }
        Assert.That(tries, Is.InRange(3, 20));
    }

    [Test]
    public async Task Take_NextWouldMakeTheBatchTooSlowForItsFirst_IsLeftForTheNextBatch()
    {
        using var lane = Open();
        var estimate = new RunEstimate(new SizeBuckets(4));
        estimate.Set(0, lane.Time.TimestampFrequency / 100);
        estimate.Set(1, lane.Time.TimestampFrequency / 10);
        var (urgent, patient) = (lane.Ask(0.1f, 50).AsTask(), lane.Ask(0.2f, 1000).AsTask());
        var batch = new BatchEntry[4];
        Assert.That(lane.Queue.Take(batch, estimate), Is.EqualTo(1));
        lane.Queue.Complete(batch[0], new BatchAnswer(BatchOutcome.Scored), [0, 0]);
        Assert.That(lane.Worker.RunNext(), Is.EqualTo(1));
        Assert.That(((await urgent).Outcome, (await patient).Outcome), Is.EqualTo((BatchOutcome.Scored, BatchOutcome.Scored)));
    }

    [Test]
    public async Task Expire_DeviceHangs_IsAnsweredAtItsDeadline_AndTheRunChangesNothingAfter()
    {
        using var lane = Open();
        var margins = new float[] { 7, 7 };
        lane.Device.OnRun = _ => lane.Clock.Advance(TimeSpan.FromMilliseconds(60));
        var asked = lane.Ask(0.1f, 50, margins).AsTask();
        lane.Worker.RunNext();
        Assert.That((await asked).Outcome, Is.EqualTo(BatchOutcome.DeadlineMissed));
        Assert.That(margins, Is.EqualTo(new[] { 7f, 7f }));
        Assert.That((lane.Queue.Outstanding, lane.Queue.IdleTickets), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task Expire_TimerOfTheRequestBefore_DoesNotTouchTheNext()
    {
        using var lane = Open();
        var first = lane.Ask(0.1f, 50).AsTask();
        lane.Worker.RunNext();
        await first;
        var second = lane.Ask(0.2f, 500).AsTask();
        lane.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That(second.IsCompleted, Is.False);
        lane.Worker.RunNext();
        Assert.That((await second).Outcome, Is.EqualTo(BatchOutcome.Scored));
    }

    [Test]
    public async Task Cancel_WhileWaiting_IsAnsweredAndNotRun()
    {
        using var lane = Open();
        using var caller = new CancellationTokenSource();
        var (gone, stays) = (lane.Ask(0.1f, cancellation: caller.Token).AsTask(), lane.Ask(0.2f).AsTask());
        await caller.CancelAsync();
        Assert.That((await gone).Outcome, Is.EqualTo(BatchOutcome.Cancelled));
        lane.Worker.RunNext();
        Assert.That((await stays).Score.Probability, Is.EqualTo(0.2f));
        Assert.That(lane.Batches, Is.EqualTo(new[] { ("scripted", 1) }));
    }

    [Test]
    public async Task Cancel_BeforeItIsAsked_IsAnswered()
    {
        using var lane = Open();
        Assert.That((await lane.Ask(0.1f, cancellation: new CancellationToken(canceled: true))).Outcome,
            Is.EqualTo(BatchOutcome.Cancelled));
        Assert.That(lane.Worker.RunNext(), Is.Zero);
    }

    [Test]
    public async Task Stop_WhileARunIsInFlight_AnswersWhatWaits_AndTheRunAnswersItsOwn()
    {
        using var lane = Open();
        var waits = Task.FromResult(default(BatchAnswer));
        lane.Device.OnRun = _ =>
        {
            waits = lane.Ask(0.2f).AsTask();
            lane.Queue.Stop();
        };
        var runs = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That(((await runs).Outcome, (await waits).Outcome), Is.EqualTo((BatchOutcome.Scored, BatchOutcome.Stopped)));
        Assert.That((await lane.Ask(0.3f)).Outcome, Is.EqualTo(BatchOutcome.Stopped));
    }

    [Test]
    public void IsBatchDue_WithADelay_IsSoWhenItIsOverOrTheBatchIsFull()
    {
        using var lane = Open(Settings with { MaxDelay = TimeSpan.FromMicroseconds(200) });
        Assert.That(lane.Queue.IsBatchDue, Is.True);
        _ = lane.Ask(0.1f).AsTask();
        Assert.That(lane.Queue.IsBatchDue, Is.False);
        lane.Clock.Advance(TimeSpan.FromMicroseconds(200));
        Assert.That(lane.Queue.IsBatchDue, Is.True);
        lane.Worker.RunNext();
        _ = lane.Ask(0.1f).AsTask();
        Assert.That(lane.Queue.IsBatchDue, Is.False);
        _ = Enumerable.Range(0, 3).Select(_ => lane.Ask(0.1f).AsTask()).ToArray();
        Assert.That(lane.Queue.IsBatchDue, Is.True);
    }

    [Test]
    public void IsBatchDue_WithoutADelay_IsAlwaysSo()
    {
        using var lane = Open();
        _ = lane.Ask(0.1f).AsTask();
        Assert.That(lane.Queue.IsBatchDue, Is.True);
    }

    [Test]
    public async Task Enqueue_Warm_AllocatesNothing()
    {
        using var lane = new LaneFixture(Settings, TimeProvider.System);
        lane.Worker.Open();
        lane.Batches.EnsureCapacity(1000);
        var before = 0L;
        for (var i = 0; i < 200; i++)
        {
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            var asked = lane.Ask(0.5f, 10_000);
            lane.Worker.RunNext();
            await asked;
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static LaneFixture Open(BatchSettings? settings = null)
    {
        var lane = new LaneFixture(settings ?? Settings);
        lane.Worker.Open();
        Assert.That(lane.Worker.Health.State, Is.EqualTo(CircuitState.Closed));
        return lane;
    }
}
