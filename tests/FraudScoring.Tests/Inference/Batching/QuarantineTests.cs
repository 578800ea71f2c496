using FraudScoring.Inference.Batching;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class QuarantineTests
{
    private static readonly QuarantineSettings Settings =
        new() { After = 3, FirstPause = TimeSpan.FromSeconds(5), LongestPause = TimeSpan.FromSeconds(15) };

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Bad_SeveralInARow_KeepsTheModelAway()
    {
        var quarantine = new Quarantine(Settings, _time);
        Assert.That((Bad(quarantine), Bad(quarantine), quarantine.IsClosed), Is.EqualTo((false, false, false)));
        Assert.That((Bad(quarantine), quarantine.IsClosed), Is.EqualTo((true, true)));
        Assert.That(quarantine.Enter(), Is.EqualTo(Admission.Refused));
    }

    [Test]
    public void Good_InBetween_BeginsTheCountAnew()
    {
        var quarantine = new Quarantine(Settings, _time);
        for (var i = 0; i < 10; i++)
        {
            Bad(quarantine);
            Bad(quarantine);
            Assert.That(quarantine.RecordSuccess(quarantine.Enter()), Is.False);
        }
        Assert.That(quarantine.IsClosed, Is.False);
    }

    [Test]
    public void Enter_PauseIsOver_LetsOneTry_AndAGoodAnswerBringsTheModelBack()
    {
        var quarantine = Closed();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.That((quarantine.Enter(), quarantine.Enter()), Is.EqualTo((Admission.Probe, Admission.Refused)));
        Assert.That((quarantine.RecordSuccess(Admission.Probe), quarantine.IsClosed, quarantine.Enter()), Is.EqualTo((true, false, Admission.Run)));
        Assert.That((Bad(quarantine), Bad(quarantine), Bad(quarantine)), Is.EqualTo((false, false, true)));
    }

    [Test]
    public void Bad_Probe_DoublesThePause_UpToTheLongest()
    {
        var quarantine = Closed();
        foreach (var seconds in new[] { 5, 10, 15, 15 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.That(quarantine.Enter(), Is.EqualTo(Admission.Refused));
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.That(quarantine.Enter(), Is.EqualTo(Admission.Probe));
            Assert.That(quarantine.RecordFailure(Admission.Probe), Is.False);
        }
    }

    [Test]
    public void Neither_Probe_LetsTheNextTry()
    {
        var quarantine = Closed();
        _time.Advance(TimeSpan.FromSeconds(5));
        quarantine.Release(quarantine.Enter());
        Assert.That(quarantine.Enter(), Is.EqualTo(Admission.Probe));
    }

    [Test]
    public void Good_AdmittedBeforeItClosed_DoesNotOpenIt()
    {
        var quarantine = new Quarantine(Settings, _time);
        var early = quarantine.Enter();
        Bad(quarantine);
        Bad(quarantine);
        Bad(quarantine);
        Assert.That((quarantine.RecordSuccess(early), quarantine.IsClosed), Is.EqualTo((false, true)));
        Assert.That(quarantine.RecordFailure(early), Is.False);
    }

    private static bool Bad(Quarantine quarantine) => quarantine.RecordFailure(quarantine.Enter());

    private Quarantine Closed()
    {
        var quarantine = new Quarantine(Settings, _time);
        Bad(quarantine);
        Bad(quarantine);
        Bad(quarantine);
        return quarantine;
    }
}
