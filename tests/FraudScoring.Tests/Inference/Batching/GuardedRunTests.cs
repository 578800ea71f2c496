using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.Batching;

/// <summary>A scripted model under quarantine. Whatever it does, there is a result, and a probe is released.</summary>
public sealed class GuardedRunTests
{
    private static readonly QuarantineSettings Settings = new() { After = 2, FirstPause = TimeSpan.FromSeconds(5) };
    private readonly FakeTimeProvider _time = new();
    private readonly HeardFailures _heard = new();
    private Quarantine _quarantine = null!;

    private static IEnumerable<Exception> Exceptions =>
    [
        new KeyNotFoundException("33 members"), new InvalidOperationException("a bug"), new ArgumentException("too short"),
        new OperationCanceledException(),
    ];

    [SetUp]
    public void Create()
    {
        _heard.Failures.Clear();
        _quarantine = new Quarantine(new ModelId("payments", "1"), Settings, _time, _heard);
    }

    [TestCaseSource(nameof(Exceptions))]
    public async Task RunAsync_ModelThrows_IsAnsweredAsFailed_AndCountsTowardsTheQuarantine(Exception exception)
    {
        for (var i = 0; i < Settings.After; i++)
        {
            Assert.That((await RunAsync(() => throw exception)).Outcome, Is.EqualTo(RunOutcome.RunFailed));
        }
        Assert.That(_quarantine.IsQuarantined, Is.True);
        Assert.That(_heard.Failures, Is.EqualTo(Enumerable.Repeat(new RunResult(RunOutcome.RunFailed, exception.Message), 2)));
        Assert.That((await RunAsync(() => 1)).Outcome, Is.EqualTo(RunOutcome.Quarantined));
    }

    [TestCaseSource(nameof(Exceptions))]
    public async Task RunAsync_ProbeThrows_IsGivenBack_AndALaterProbeBringsTheModelBack(Exception exception)
    {
        await BeginQuarantineAsync();
        _time.Advance(Settings.FirstPause);
        Assert.That((await RunAsync(() => throw exception)).Outcome, Is.EqualTo(RunOutcome.RunFailed));
        Assert.That((await RunAsync(() => 1)).Outcome, Is.EqualTo(RunOutcome.Quarantined), "its pause starts again");
        _time.Advance(2 * Settings.FirstPause);
        Assert.That(((await RunAsync(() => 1)).Outcome, _quarantine.IsQuarantined), Is.EqualTo((RunOutcome.Valid, false)));
    }

    [Test]
    public async Task RunAsync_CallerOfTheProbeGoesAway_IsRethrownWithoutBlame_AndTheNextRunIsTheProbe()
    {
        await BeginQuarantineAsync();
        _heard.Failures.Clear();
        _time.Advance(Settings.FirstPause);
        using var caller = new CancellationTokenSource();
        await caller.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            await RunAsync(() => throw new OperationCanceledException(), caller.Token));
        Assert.That(_heard.Failures, Is.Empty);
        Assert.That((await RunAsync(() => 1)).Outcome, Is.EqualTo(RunOutcome.Valid));
    }

    [Test]
    public async Task RunAsync_ProbeThatDoesNotCount_LetsTheNextRunBeTheProbe()
    {
        await BeginQuarantineAsync();
        _time.Advance(Settings.FirstPause);
        Assert.That((await RunAsync(() => 0)).Outcome, Is.EqualTo(RunOutcome.NotBlamed));
        Assert.That(((await RunAsync(() => 1)).Outcome, _quarantine.IsQuarantined), Is.EqualTo((RunOutcome.Valid, false)));
    }

    private async Task BeginQuarantineAsync()
    {
        for (var i = 0; i < Settings.After; i++)
        {
            await RunAsync(() => -1);
        }
        Assert.That(_quarantine.IsQuarantined, Is.True);
    }

    private async ValueTask<RunResult> RunAsync(Func<int> model, CancellationToken cancellation = default) =>
        (await GuardedRun.RunAsync<ScriptedRun, int>(_quarantine, new ScriptedRun(model, cancellation))).Result;

    /// <summary>A model whose answer is valid if 1, invalid if -1, and not counted if 0.</summary>
    private readonly record struct ScriptedRun(Func<int> Model, CancellationToken Cancellation) : IGuardedRun<int>
    {
        public ValueTask<int> RunAsync() => new(Model());

        public RunResult Judge(int answer) => new(answer switch
        {
            1 => RunOutcome.Valid,
            0 => RunOutcome.NotBlamed,
            _ => RunOutcome.OutOfRange,
        });

        public RunResult Judge(Exception exception) => new(RunOutcome.RunFailed, exception.Message);
    }

    private sealed class HeardFailures : InferenceReports
    {
        public List<RunResult> Failures { get; } = [];

        public override void ModelFailed(ModelId model, RunResult result) => Failures.Add(result);
    }
}
