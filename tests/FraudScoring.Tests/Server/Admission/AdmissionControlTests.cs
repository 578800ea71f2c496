using System.Diagnostics;
using FraudScoring.Server.Admission;

namespace FraudScoring.Tests.Server.Admission;

/// <summary>Which payments are taken.</summary>
public sealed class AdmissionControlTests
{
    private static readonly long Ms = Stopwatch.Frequency / 1000;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100);

    [Test]
    public void Payments_UpToTheLimit_AreTaken_AndOneMoreWhenOneHasEnded()
    {
        var control = new AdmissionControl(new AdmissionOptions { MaxInFlight = 2 }, Budget);
        for (var i = 0; i < 2; i++)
        {
            Assert.That(control.CheckPayment(0, 0, 100 * Ms), Is.Null);
            control.Enter();
        }
        Assert.That(control.CheckPayment(0, 0, 100 * Ms), Is.EqualTo(RefusalReason.InFlight));
        Assert.That(control.CheckStreamed(0, 100 * Ms), Is.EqualTo(RefusalReason.InFlight));
        control.Exit(Ms);
        Assert.That(control.CheckPayment(0, 0, 100 * Ms), Is.Null);
    }

    [Test]
    public void APayment_WithLessTimeThanPaymentsTake_IsRefused_UntilTheyMayHaveBecomeFaster()
    {
        var control = Busy(takes: 20 * Ms);
        Assert.That(control.CheckPayment(0, 0, 30 * Ms), Is.Null);
        Assert.That(control.CheckPayment(0, 0, 10 * Ms), Is.EqualTo(RefusalReason.Deadline));
        var tries = 1;
        while (control.CheckPayment(0, 0, 10 * Ms) is not null)
        {
            tries++;
        }
        Assert.That(tries, Is.InRange(20, 100), "some are tried again, but not many");
    }

    [Test]
    public void PaymentsThatTakeLongerThanTheBudget_DoNotStopAllOthers()
    {
        var control = Busy(takes: 5000 * Ms);
        Assert.That(control.CheckPayment(0, 0, 100 * Ms), Is.Null);
    }

    [Test]
    public void AnOverload_RefusesOtherRequestsBeforePayments()
    {
        var control = new AdmissionControl(new AdmissionOptions { TargetWaitMs = 2 }, Budget);
        for (var now = 0L; now < 65 * Ms; now += Ms)
        {
            control.CheckPayment(now, now - (3 * Ms), now + (100 * Ms));
        }
        var at = 65 * Ms;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(control.IsOverloaded(at), Is.True);
            Assert.That(control.Check(at, at - (3 * Ms)), Is.EqualTo(RefusalReason.Wait));
            Assert.That(control.CheckPayment(at, at - (3 * Ms), at + (100 * Ms)), Is.Null);
            Assert.That(control.CheckPayment(at, at - (5 * Ms), at + (100 * Ms)), Is.EqualTo(RefusalReason.Wait));
        }
    }

    [Test]
    public void RetryAfter_GrowsWithTheOverload_UpToASecond()
    {
        var control = new AdmissionControl(new AdmissionOptions(), Budget);
        Assert.That(control.RetryAfter(0), Is.EqualTo(TimeSpan.FromMilliseconds(20)));
        for (var now = 0L; now < 5000 * Ms; now += Ms)
        {
            control.CheckPayment(now, now - (9 * Ms), now + (100 * Ms));
            if (now == 320 * Ms)
            {
                Assert.That(control.RetryAfter(now), Is.EqualTo(TimeSpan.FromMilliseconds(300)).Within(TimeSpan.FromMilliseconds(3)));
            }
        }
        Assert.That(control.RetryAfter(5000 * Ms), Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [TestCase("100m", 100_000)]
    [TestCase("5S", 5_000_000)]
    [TestCase("2M", 120_000_000)]
    [TestCase("1H", 3_600_000_000)]
    [TestCase("250u", 250)]
    [TestCase("99999999n", 99_999)]
    [TestCase("99999999H", 3_600_000_000)]
    public void Timeout_OfEveryUnit_IsParsed(string text, long micros) =>
        Assert.That(Stopwatch.GetElapsedTime(0, CallTimeout.Parse(text)!.Value).TotalMicroseconds, Is.EqualTo(micros).Within(1));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("m")]
    [TestCase("100")]
    [TestCase("-1m")]
    [TestCase("1.5S")]
    [TestCase("999999999m")]
    [TestCase("10x")]
    [TestCase(" 1m")]
    public void Timeout_AnythingElse_IsNone(string? text) => Assert.That(CallTimeout.Parse(text), Is.Null);

    private static AdmissionControl Busy(long takes)
    {
        var control = new AdmissionControl(new AdmissionOptions(), Budget);
        for (var i = 0; i < 1000; i++)
        {
            control.Enter();
            control.Exit(takes);
        }
        return control;
    }
}
