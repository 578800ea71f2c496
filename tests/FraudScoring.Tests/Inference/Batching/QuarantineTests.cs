using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class QuarantineTests
{
    private static readonly QuarantineSettings Settings =
        new() { After = 3, FirstPause = TimeSpan.FromSeconds(5), LongestPause = TimeSpan.FromSeconds(15) };

    private readonly FakeTimeProvider _time = new();
    private readonly HeardQuarantines _heard = new();

    [SetUp]
    public void Forget() => _heard.Changes.Clear();

    [Test]
    public void RecordFailure_SeveralInARow_KeepsTheModelAway()
    {
        var quarantine = Create();
        Assert.That((RecordFailure(quarantine), RecordFailure(quarantine), quarantine.IsQuarantined), Is.EqualTo((false, false, false)));
        Assert.That((RecordFailure(quarantine), quarantine.IsQuarantined, quarantine.IsReady), Is.EqualTo((true, true, false)));
        Assert.That(quarantine.Enter().IsGranted, Is.False);
    }

    [Test]
    public void RecordSuccess_InBetween_RestartsTheCount()
    {
        var quarantine = Create();
        for (var i = 0; i < 10; i++)
        {
            RecordFailure(quarantine);
            RecordFailure(quarantine);
            Assert.That(RecordSuccess(quarantine.Enter()), Is.False);
        }
        Assert.That(quarantine.IsQuarantined, Is.False);
    }

    [Test]
    public void Enter_PauseIsOver_LetsOneTry_AndAGoodAnswerBringsTheModelBack()
    {
        var quarantine = Quarantined();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(quarantine.IsReady, Is.True);
        var (probe, other) = (quarantine.Enter(), quarantine.Enter());
        Assert.That((probe.IsGranted, other.IsGranted, quarantine.IsReady), Is.EqualTo((true, false, false)));
        Assert.That((RecordSuccess(probe), quarantine.IsQuarantined), Is.EqualTo((true, false)));
        Assert.That((quarantine.Enter().IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, true)), "all runs are admitted again");
        Assert.That((RecordFailure(quarantine), RecordFailure(quarantine), RecordFailure(quarantine)), Is.EqualTo((false, false, true)));
    }

    [Test]
    public void RecordFailure_Probe_DoublesThePause_UpToTheLongest()
    {
        var quarantine = Quarantined();
        foreach (var seconds in new[] { 5, 10, 15, 15 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.That(quarantine.Enter().IsGranted, Is.False);
            _time.Advance(TimeSpan.FromTicks(1));
            var probe = quarantine.Enter();
            Assert.That((probe.IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, false)));
            Assert.That(RecordFailure(probe), Is.False);
        }
    }

    [Test]
    public void Release_Probe_LetsTheNextTry()
    {
        var quarantine = Quarantined();
        _time.Advance(TimeSpan.FromSeconds(5));
        quarantine.Enter().Dispose();
        Assert.That((quarantine.Enter().IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, false)));
    }

    [Test]
    public void Dispose_ProbeThatHasItsOutcome_DoesNotReleaseTheProbeAfterIt()
    {
        var quarantine = Quarantined();
        _time.Advance(TimeSpan.FromSeconds(5));
        var first = quarantine.Enter();
        RecordFailure(first);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((quarantine.Enter().IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, false)));
        first.Dispose();
        Assert.That((quarantine.Enter().IsGranted, RecordSuccess(first), quarantine.IsQuarantined), Is.EqualTo((false, false, true)));
    }

    [Test]
    public void RecordSuccess_AdmittedBeforeItClosed_DoesNotOpenIt()
    {
        var quarantine = Create();
        var early = quarantine.Enter();
        RecordFailure(quarantine);
        RecordFailure(quarantine);
        RecordFailure(quarantine);
        Assert.That((RecordSuccess(early), quarantine.IsQuarantined), Is.EqualTo((false, true)));
        Assert.That(RecordFailure(early), Is.False);
    }

    private bool RecordFailure(Quarantine quarantine) => RecordFailure(quarantine.Enter());

    private bool RecordFailure(Quarantine.Admission admission)
    {
        _heard.Changes.Clear();
        admission.RecordFailure(new RunResult(RunOutcome.OutOfRange, "returned NaN"));
        return _heard.Changes.SequenceEqual([true]);
    }

    private bool RecordSuccess(Quarantine.Admission admission)
    {
        _heard.Changes.Clear();
        admission.RecordSuccess();
        return _heard.Changes.SequenceEqual([false]);
    }

    private Quarantine Create() => new(new ModelId("payments", "1"), Settings, _time, _heard);

    private Quarantine Quarantined()
    {
        var quarantine = Create();
        RecordFailure(quarantine);
        RecordFailure(quarantine);
        RecordFailure(quarantine);
        return quarantine;
    }

    private sealed class HeardQuarantines : InferenceReports
    {
        public List<bool> Changes { get; } = [];

        public override void QuarantineChanged(ModelId model, bool isQuarantined) => Changes.Add(isQuarantined);
    }
}
