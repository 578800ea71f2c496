using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class LaneWorkerTests
{
    private static readonly BatchSettings Settings = new() { MaxRows = 8, QueueCapacity = 64, TransferThreshold = 1 };

    [Test]
    public async Task RunNext_DeviceFailsMidBatch_TheCpuAnswersAll_AndTheDeviceIsDown()
    {
        using var lane = Open();
        lane.Device.OnRun = _ => throw new DeviceFailedException("an illegal address");
        var asked = Enumerable.Range(0, 5).Select(i => lane.Ask(i / 10f).AsTask()).ToArray();
        lane.Worker.RunNext();
        var answers = await Task.WhenAll(asked);
        Assert.That(answers.Select(answer => ((float)answer.Score.Probability, answer.Device)),
            Is.EqualTo(Enumerable.Range(0, 5).Select(i => (i / 10f, "cpu"))));
        Assert.That((lane.Worker.Health.State, lane.Device.Closed), Is.EqualTo((CircuitState.Open, 1)));
        Assert.That(lane.Changes[^1], Is.EqualTo((CircuitState.Open, "an illegal address")));
    }

    [Test]
    public async Task RunNext_WhileTheDeviceIsDown_RunsWhatStillWaitsOnTheCpu()
    {
        using var lane = Open();
        lane.Device.OnRun = _ => throw new DeviceFailedException("gone");
        var asked = Enumerable.Range(0, 20).Select(i => lane.Ask(i / 100f).AsTask()).ToArray();
        while (lane.Worker.RunNext() > 0)
        {
        }
        Assert.That((await Task.WhenAll(asked)).Select(answer => (answer.Outcome, answer.Device)),
            Is.All.EqualTo((BatchOutcome.Scored, "cpu")));
    }

    [Test]
    public async Task RunNext_DeviceReturnsNaNWhereTheCpuDoesNot_TheCpuAnswers_AndTheDeviceIsDown()
    {
        using var lane = Open();
        lane.Device.Probability = feature => feature == 0.2f ? float.NaN : feature;
        var (one, other) = (lane.Ask(0.1f).AsTask(), lane.Ask(0.2f).AsTask());
        lane.Worker.RunNext();
        Assert.That(((float)(await one).Score.Probability, (float)(await other).Score.Probability), Is.EqualTo((0.1f, 0.2f)));
        Assert.That(lane.Worker.Health.State, Is.EqualTo(CircuitState.Open));
    }

    [Test]
    public async Task TryAgain_AfterItsPause_BringsTheDeviceBack_AndEachFailureDoublesThePause()
    {
        using var lane = Open();
        lane.Device.OnRun = _ => throw new DeviceFailedException("gone");
        var asked = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        await asked;

        lane.Worker.TryAgain();
        Assert.That(lane.Device.Opened, Is.EqualTo(1));
        Pass(lane, 1);
        Assert.That((lane.Device.Opened, lane.Worker.Health.State), Is.EqualTo((2, CircuitState.Open)));
        Pass(lane, 1);
        Assert.That(lane.Device.Opened, Is.EqualTo(2));
        lane.Device.OnRun = null;
        Pass(lane, 1);
        Assert.That((lane.Device.Opened, lane.Worker.Health.State), Is.EqualTo((3, CircuitState.Closed)));
        var back = lane.Ask(0.3f).AsTask();
        lane.Worker.RunNext();
        Assert.That((await back).Device, Is.EqualTo("scripted"));
    }

    [Test]
    public void Open_DeviceDisagreesWithTheCpu_IsDown()
    {
        using var lane = new LaneFixture(Settings);
        lane.Device.Probability = _ => 0.9f;
        lane.Worker.Open();
        Assert.That(lane.Worker.Health.State, Is.EqualTo(CircuitState.Open));
        Assert.That(lane.Worker.Health.Reason, Does.StartWith("returned the probability"));
    }

    [Test]
    public void Open_DeviceRefusesTheGraph_IsNotTriedAgain()
    {
        using var lane = new LaneFixture(Settings);
        lane.Device.OnOpen = () => throw new DeviceRefusedException("1 of 9 nodes are not run by it: trees");
        lane.Worker.Open();
        lane.Device.OnOpen = null;
        Pass(lane, 1000);
        Assert.That((lane.Worker.Health.State, lane.Worker.Health.Reason),
            Is.EqualTo((CircuitState.Refused, "1 of 9 nodes are not run by it: trees")));
    }

    [Test]
    public async Task RunNext_CpuFailsToo_IsAnsweredAsFailed()
    {
        var fail = false;
        using var lane = new LaneFixture(Settings, onCpuRun: _ =>
        {
            if (fail)
            {
                throw Broken();
            }
        });
        lane.Worker.Open();
        fail = true;
        lane.Device.OnRun = _ => throw new DeviceFailedException("gone");
        var asked = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That((await asked).Outcome, Is.EqualTo(BatchOutcome.RunFailed));
    }

    [Test]
    public async Task RunNext_DeviceThrowsAnUnexpectedException_TheCpuAnswers_AndTheDeviceIsOpen()
    {
        using var lane = Open();
        lane.Device.OnRun = _ => throw new KeyNotFoundException("a bug");
        var asked = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That(((await asked).Device, lane.Worker.Health.State, lane.Worker.Health.Reason),
            Is.EqualTo(("cpu", CircuitState.Open, "a bug")));
    }

    [Test]
    public async Task RunNext_DeviceAndCpuThrowUnexpectedExceptions_IsAnsweredAsFailed_AndTheDeviceIsNotBlamed()
    {
        Action<float[]>? run = null;
        using var lane = new LaneFixture(Settings, onCpuRun: rows => run?.Invoke(rows));
        lane.Worker.Open();
        lane.Device.OnRun = run = _ => throw new InvalidOperationException("a bug of the model");
        var asked = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That(((await asked).Outcome, lane.Worker.Health.State), Is.EqualTo((BatchOutcome.RunFailed, CircuitState.Closed)));
    }

    [Test]
    public async Task RunNext_DeviceFailsAndTheCpuReturnsNaN_TheDeviceIsOpen()
    {
        using var lane = Open();
        lane.Device.OnRun = _ => throw new DeviceFailedException("it fell off the bus");
        lane.CpuProbability = _ => float.NaN;
        var asked = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That(float.IsNaN((float)(await asked).Score.Probability), Is.True);
        Assert.That((lane.Worker.Health.State, lane.Changes[^1].Reason), Is.EqualTo((CircuitState.Open, "it fell off the bus")));
    }

    [Test]
    public async Task RunNext_DeviceAndCpuGiveNaN_TheDeviceIsNotBlamed()
    {
        using var lane = Open();
        lane.Device.Probability = lane.CpuProbability = _ => float.NaN;
        var asked = lane.Ask(0.1f).AsTask();
        lane.Worker.RunNext();
        Assert.That(float.IsNaN((float)(await asked).Score.Probability), Is.True);
        Assert.That(lane.Worker.Health.State, Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void Open_DeviceThrowsAnUnexpectedException_IsOpen_AndIsTriedAgain()
    {
        using var lane = new LaneFixture(Settings);
        lane.Device.OnOpen = () => throw new KeyNotFoundException("a bug");
        lane.Worker.Open();
        Assert.That(lane.Worker.Health.State, Is.EqualTo(CircuitState.Open));
        lane.Device.OnOpen = null;
        Pass(lane, 1);
        Assert.That(lane.Worker.Health.State, Is.EqualTo(CircuitState.Closed));
    }

    [Test]
    public void Open_ThresholdUnset_IsMeasured()
    {
        using var lane = new LaneFixture(Settings with { TransferThreshold = 0 });
        lane.Device.OnRun = rows => lane.Clock.Advance(TimeSpan.FromMicroseconds(30));
        lane.Worker.Open();
        // By the test's clock, the CPU takes no time.
        Assert.That(lane.Worker.Health.Threshold, Is.EqualTo(TransferThreshold.Never));
    }

    [Test]
    public async Task Live_ManyRandomArrivals_EachGetsExactlyOneAnswer_AndItsOwn([Values(1, 2, 3)] int seed)
    {
        var runs = 0;
        var settings = Settings with { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(2) };
        using var lane = new LaneFixture(settings,
            TimeProvider.System);
        lane.Device.OnRun = _ =>
        {
            if (Interlocked.Increment(ref runs) % 97 == 96)
            {
                throw new DeviceFailedException("now and then");
            }
        };
        lane.Worker.Start();
        var counts = new int[Enum.GetValues<BatchOutcome>().Length];
        await Task.WhenAll(Enumerable.Range(0, 16)
            .Select(caller => Task.Run(() => CallAsync(lane, new Random((100 * seed) + caller), counts))));
        Assert.That(counts.Sum(), Is.EqualTo(16 * 300));
        Assert.That(counts[(int)BatchOutcome.Scored], Is.GreaterThan(16 * 100));
        Assert.That((counts[(int)BatchOutcome.RunFailed], counts[(int)BatchOutcome.Stopped]), Is.EqualTo((0, 0)));
        Assert.That((lane.Queue.Length, lane.Queue.Outstanding), Is.EqualTo((0, 0)));
        Assert.That(lane.Worker.Stop(), Is.True);
        Assert.That(lane.Device.Closed, Is.EqualTo(lane.Device.Opened));
    }

    [Test]
    public void Live_DeviceThatRecovers_IsUsedAgain_WithoutRequests()
    {
        var opened = 0;
        var settings = Settings with { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(2) };
        using var lane = new LaneFixture(settings,
            TimeProvider.System);
        lane.Device.OnOpen = () =>
        {
            if (++opened < 5)
            {
                throw new DeviceFailedException("not yet");
            }
        };
        lane.Worker.Start();
        Assert.That(SpinWait.SpinUntil(() => lane.Worker.Health.State == CircuitState.Closed, TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(lane.Worker.Stop(), Is.True);
        Assert.That(lane.Changes.Select(change => change.State),
            Is.EqualTo(Enumerable.Repeat(CircuitState.Open, 4).Append(CircuitState.Closed)));
    }

    private static async Task CallAsync(LaneFixture lane, Random random, int[] counts)
    {
        var margins = new float[ScriptedDevice.Members];
        for (var i = 0; i < 300; i++)
        {
            using var caller = new CancellationTokenSource();
            var feature = random.NextSingle();
            var asked = lane.Ask(feature, random.Next(10) == 0 ? random.Next(3) : 10_000, margins, caller.Token);
            if (random.Next(20) == 0)
            {
                await caller.CancelAsync();
            }
            var answer = await asked;
            if (answer.Outcome == BatchOutcome.Scored
                && ((float)answer.Score.Probability, margins[0], margins[1]) != (feature, feature, -feature))
            {
                throw new InvalidOperationException($"{feature} was answered with {answer.Score}");
            }
            Interlocked.Increment(ref counts[(int)answer.Outcome]);
        }
    }

    private static Microsoft.ML.OnnxRuntime.OnnxRuntimeException Broken()
    {
        try
        {
            CpuDevice.Open([1]).Dispose();
        }
        catch (Microsoft.ML.OnnxRuntime.OnnxRuntimeException e)
        {
            return e;
        }
        throw new InvalidOperationException("a byte is no model");
    }

    private static void Pass(LaneFixture lane, int seconds)
    {
        lane.Clock.Advance(TimeSpan.FromSeconds(seconds));
        lane.Worker.TryAgain();
    }

    private static LaneFixture Open()
    {
        var lane = new LaneFixture(Settings);
        lane.Worker.Open();
        return lane;
    }
}
