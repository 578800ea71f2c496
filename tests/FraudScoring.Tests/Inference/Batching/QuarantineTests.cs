using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class QuarantineTests
{
    private static readonly QuarantineSettings Settings =
        new() { After = 3, FirstPause = TimeSpan.FromSeconds(5), LongestPause = TimeSpan.FromSeconds(15) };

    private readonly FakeTimeProvider _time = new();
    private readonly Heard _heard = new();

    [SetUp]
    public void Forget() => _heard.Changes.Clear();

    [Test]
    public void Bad_SeveralInARow_KeepsTheModelAway()
    {
        var quarantine = Create();
        Assert.That((Bad(quarantine), Bad(quarantine), quarantine.IsQuarantined), Is.EqualTo((false, false, false)));
        Assert.That((Bad(quarantine), quarantine.IsQuarantined, quarantine.IsReady), Is.EqualTo((true, true, false)));
        Assert.That(quarantine.Enter().IsGranted, Is.False);
    }

    [Test]
    public void Good_InBetween_BeginsTheCountAnew()
    {
        var quarantine = Create();
        for (var i = 0; i < 10; i++)
        {
            Bad(quarantine);
            Bad(quarantine);
            Assert.That(Good(quarantine.Enter()), Is.False);
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
        Assert.That((Good(probe), quarantine.IsQuarantined), Is.EqualTo((true, false)));
        Assert.That((quarantine.Enter().IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, true)), "runs are no longer probes");
        Assert.That((Bad(quarantine), Bad(quarantine), Bad(quarantine)), Is.EqualTo((false, false, true)));
    }

    [Test]
    public void Bad_Probe_DoublesThePause_UpToTheLongest()
    {
        var quarantine = Quarantined();
        foreach (var seconds in new[] { 5, 10, 15, 15 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.That(quarantine.Enter().IsGranted, Is.False);
            _time.Advance(TimeSpan.FromTicks(1));
            var probe = quarantine.Enter();
            Assert.That((probe.IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, false)));
            Assert.That(Bad(probe), Is.False);
        }
    }

    [Test]
    public void Neither_Probe_LetsTheNextTry()
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
        Bad(first);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((quarantine.Enter().IsGranted, quarantine.Enter().IsGranted), Is.EqualTo((true, false)));
        first.Dispose();
        Assert.That((quarantine.Enter().IsGranted, Good(first), quarantine.IsQuarantined), Is.EqualTo((false, false, true)));
    }

    [Test]
    public void Good_AdmittedBeforeItClosed_DoesNotOpenIt()
    {
        var quarantine = Create();
        var early = quarantine.Enter();
        Bad(quarantine);
        Bad(quarantine);
        Bad(quarantine);
        Assert.That((Good(early), quarantine.IsQuarantined), Is.EqualTo((false, true)));
        Assert.That(Bad(early), Is.False);
    }

    private bool Bad(Quarantine quarantine) => Bad(quarantine.Enter());

    private bool Bad(Quarantine.Admission admission)
    {
        _heard.Changes.Clear();
        admission.RecordFailure(new RunVerdict(RunOutcome.OutOfRange, "gave NaN"));
        return _heard.Changes.SequenceEqual([true]);
    }

    private bool Good(Quarantine.Admission admission)
    {
        _heard.Changes.Clear();
        admission.RecordSuccess();
        return _heard.Changes.SequenceEqual([false]);
    }

    private Quarantine Create() => new(new ModelId("payments", "1"), Settings, _time, _heard);

    private Quarantine Quarantined()
    {
        var quarantine = Create();
        Bad(quarantine);
        Bad(quarantine);
        Bad(quarantine);
        return quarantine;
    }

    private sealed class Heard : InferenceReports
    {
        public List<bool> Changes { get; } = [];

        public override void QuarantineChanged(ModelId model, bool isQuarantined) => Changes.Add(isQuarantined);
    }
}
