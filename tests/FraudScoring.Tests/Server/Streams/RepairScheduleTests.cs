using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A profile that cannot be rebuilt is attempted a few times with growing pauses, however often payments read it.</summary>
public sealed class RepairScheduleTests
{
    private static readonly CorruptProfile Found = new(0, new EntityKey(1, 2));
    private FakeTimeProvider _time = null!;
    private RepairSchedule _schedule = null!;

    [SetUp]
    public void NewSchedule()
    {
        _time = new FakeTimeProvider();
        _schedule = new RepairSchedule(_time);
    }

    [Test]
    public void Fail_Repeatedly_GrowsThePauses_AndGivesUp()
    {
        var pauses = new List<double>();
        for (var attempt = 1; attempt <= RepairSchedule.MostAttempts; attempt++)
        {
            Assert.That(_schedule.IsOpen(Found), Is.EqualTo(attempt == 1), "a read during the pause does not start an attempt");
            var (pause, isGivenUp) = _schedule.Fail(Found);
            Assert.That(isGivenUp, Is.EqualTo(attempt == RepairSchedule.MostAttempts));
            Assert.That(_schedule.Due(), Is.Empty);
            pauses.Add(pause.TotalSeconds);
            _time.Advance(pause);
            Assert.That(_schedule.Due(), isGivenUp ? Is.Empty : Is.EqualTo([Found]));
        }
        Assert.That(pauses, Is.EqualTo([10, 60, 360, 2160, 3600]));
        Assert.That(_schedule.NextIn(), Is.Null);
        Assert.That(_schedule.IsOpen(Found), Is.True, "the next read after the pause starts again");
        Assert.That(_schedule.Fail(Found).Pause, Is.EqualTo(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void GivenUp_ReadWithinThePause_StaysClosed()
    {
        for (var attempt = 0; attempt < RepairSchedule.MostAttempts; attempt++)
        {
            _schedule.Fail(Found);
        }
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.That(_schedule.IsOpen(Found), Is.False);
    }

    [Test]
    public void NextIn_IsTheShortestPauseLeft()
    {
        Assert.That(_schedule.NextIn(), Is.Null);
        _schedule.Fail(Found);
        _schedule.Fail(Found);
        _schedule.Fail(new CorruptProfile(1, new EntityKey(3, 4)));
        Assert.That(_schedule.NextIn(), Is.EqualTo(TimeSpan.FromSeconds(10)));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.That(_schedule.NextIn(), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Succeed_ForgetsTheFailures()
    {
        _schedule.Fail(Found);
        _schedule.Succeed(Found);
        Assert.That((_schedule.IsOpen(Found), _schedule.NextIn()), Is.EqualTo((true, default(TimeSpan?))));
    }
}
