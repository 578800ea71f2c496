using System.Diagnostics;
using FraudScoring.Server.Admission;

namespace FraudScoring.Tests.Server.Admission;

/// <summary>Which payments are taken.</summary>
public sealed class AdmissionControlTests
{
    private static readonly long Ms = Stopwatch.Frequency / 1000;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100), Reserve = TimeSpan.FromMilliseconds(10);

    [Test]
    public void Payments_UpToTheLimit_AreTaken_AndOneMoreWhenOneHasEnded()
    {
        var control = Create(new AdmissionOptions { MaxInFlight = 2 });
        PaymentCall[] calls = [Call(0, 100), Call(0, 100)];
        Assert.That(calls.Select(call => Take(control, call, 0)), Is.All.Null);
        Assert.That(Take(control, Call(0, 100), 0), Is.EqualTo(RefusalReason.InFlight));
        control.Exit(calls[0], Ms);
        Assert.That(Take(control, Call(0, 100), 0), Is.Null);
    }

    /// <summary>Callers that send no message take no one's place, and a payment whose message comes too late is refused.</summary>
    [Test]
    public void Payments_WhoseMessageIsNotRead_AreNotInFlight()
    {
        var control = Create(new AdmissionOptions { MaxInFlight = 1 });
        PaymentCall[] unsent = [.. Enumerable.Range(0, 100).Select(_ => Call(0, 100))];
        Assert.That(unsent.Select(call => control.Check(call, 0)), Is.All.Null);
        var sent = Call(0, 100);
        Assert.That(Take(control, sent, Ms), Is.Null);
        foreach (var call in unsent)
        {
            control.Exit(call, 2 * Ms);
        }
        Assert.That(control.Check(Call(0, 100), 2 * Ms), Is.EqualTo(RefusalReason.InFlight), "before it is read");
        Assert.That(control.Enter(unsent[0], 2 * Ms), Is.EqualTo(RefusalReason.InFlight), "once it is read");
        control.Exit(sent, 3 * Ms);
        Assert.That(control.Enter(unsent[0], 99 * Ms), Is.EqualTo(RefusalReason.Deadline));
        Assert.That(control.Enter(unsent[1], 3 * Ms), Is.Null);
    }

    [Test]
    public void PaymentsAtTheSameTime_AreNeverMoreThanTheLimit()
    {
        var control = Create(new AdmissionOptions { MaxInFlight = 10 });
        var (inFlight, most) = (0, 0);
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var call = Call(0, 100);
                if (Take(control, call, 0) is null)
                {
                    var now = Interlocked.Increment(ref inFlight);
                    for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                    {
                        Interlocked.CompareExchange(ref most, now, seen);
                    }
                    Interlocked.Decrement(ref inFlight);
                    control.Exit(call, 0);
                }
            }
        });
        Assert.That(most, Is.InRange(1, 10));
    }

    [Test]
    public void UnderOverload_PaymentsThatWouldWaitForOthers_AreRefused_AndNotOtherwise()
    {
        var control = Create(new AdmissionOptions { MaxInFlight = 10_000 });
        for (var now = 0; now < 1_000; now++)
        {
            var call = Call(now - 1, 100);
            call.IsAnswered = true;
            Take(control, call, (now - 1) * Ms);
            control.Exit(call, now * Ms);
        }
        // One per millisecond ends, after one millisecond: the limit is nine, or eight per processor.
        var many = (8 * Environment.ProcessorCount) + 50;
        PaymentCall[] calls = [.. Enumerable.Range(0, many).Select(_ => Call(1_000, 100))];
        Assert.That(calls.Select(call => Take(control, call, 1_000 * Ms)), Is.All.Null, "not overloaded");
        // Longer than the target, and not so long that they were refused for that.
        Wait(control, 1_001, 1_061, waitMs: 3);
        Assert.That(Take(control, Call(1_061, 100), 1_061 * Ms), Is.EqualTo(RefusalReason.Wait), "too many in flight");
        foreach (var call in calls)
        {
            control.Exit(call, 1_062 * Ms);
        }
        Assert.That(Take(control, Call(1_062, 100), 1_062 * Ms), Is.Null, "few in flight");
        Assert.That(Enumerable.Range(0, many).Select(_ => Take(control, Call(1_400, 100), 1_400 * Ms)), Is.All.Null, "the overload is over");
    }

    [Test]
    public void APayment_WithLessTimeThanPaymentsTake_IsRefused_UntilTheyMayHaveBecomeFaster()
    {
        var control = Busy(takes: 40);
        Assert.That(Take(control, Call(0, 50), 0), Is.Null);
        Assert.That(Take(control, Call(0, 20), 0), Is.EqualTo(RefusalReason.Deadline));
        var tries = 1;
        while (Take(control, Call(0, 20), 0) is not null)
        {
            tries++;
        }
        Assert.That(tries, Is.InRange(20, 100), "some are tried again, but not many");
    }

    [Test]
    public void APayment_WithoutTheTimeForModelAndReply_IsRefused_UnlessItsCallerAllowsNoMore()
    {
        var control = Create(new AdmissionOptions());
        Assert.That(Take(control, Call(0, 9), 0), Is.EqualTo(RefusalReason.Deadline));
        Assert.That(Take(control, Call(0, 9, isShort: true), 0), Is.Null);
    }

    [Test]
    public void ABudgetShorterThanTheReserve_RefusesOnlyWhatHasWaited()
    {
        var control = new AdmissionControl(new AdmissionOptions(), TimeSpan.FromMilliseconds(6), Reserve);
        Assert.That(Take(control, Call(0, 6), 0), Is.Null);
        Assert.That(Take(control, Call(0, 6), 4 * Ms), Is.EqualTo(RefusalReason.Deadline));
    }

    [Test]
    public void PaymentsThatTakeLongerThanTheBudget_DoNotStopAllOthers() =>
        Assert.That(Take(Busy(takes: 5000), Call(0, 100), 0), Is.Null);

    [Test]
    public void ACallerThatAllowsLittle_IsRefusedForThat_AndDoesNotChangeWhatOthersGet()
    {
        var control = Busy(takes: 40);
        for (var i = 0; i < 1000; i++)
        {
            Assert.That(Take(control, Call(-1, 0, isShort: true), 0), Is.EqualTo(RefusalReason.CallerDeadline));
        }
        Assert.That(Take(control, Call(0, 20), 0), Is.EqualTo(RefusalReason.Deadline));
    }

    [Test]
    public void ACancelledCall_CountsAsExpiredWhenItsTimeWasOver()
    {
        var cancelled = new CancellationToken(canceled: true);
        var control = Create(new AdmissionOptions());
        var call = new PaymentCall(0, 100 * Ms, cancelled);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Take(control, call, 50 * Ms), Is.EqualTo(RefusalReason.Cancelled));
            Assert.That(Take(control, call, 97 * Ms), Is.EqualTo(RefusalReason.Expired));
        }
    }

    [Test]
    public void AnOverload_SkipsExplanationsFirst_ThenRefusesOtherRequests_ThenPayments()
    {
        var control = Create(new AdmissionOptions { TargetWaitMs = 2 });
        Wait(control, 0, 45, waitMs: 1.5);
        Assert.That((control.IsUnderPressure(45 * Ms), control.IsOverloaded(45 * Ms)), Is.EqualTo((true, false)));
        Wait(control, 45, 105, waitMs: 3);
        var at = 105 * Ms;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(control.IsOverloaded(at), Is.True);
            Assert.That(control.Check(at, at - (3 * Ms)), Is.EqualTo(RefusalReason.Wait));
            Assert.That(Take(control, Call(102, 100), at), Is.Null);
            Assert.That(Take(control, Call(100, 100), at), Is.EqualTo(RefusalReason.Wait));
        }
    }

    [Test]
    public void RetryAfter_GrowsWithTheOverload_UpToASecond()
    {
        var control = Create(new AdmissionOptions());
        Assert.That(control.RetryAfter(0), Is.EqualTo(TimeSpan.FromMilliseconds(20)));
        Wait(control, 0, 320, waitMs: 9);
        Assert.That(control.RetryAfter(320 * Ms), Is.EqualTo(TimeSpan.FromMilliseconds(300)).Within(TimeSpan.FromMilliseconds(3)));
        Wait(control, 320, 5000, waitMs: 9);
        Assert.That(control.RetryAfter(5000 * Ms), Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void RetryAfter_OfALongTarget_NeverFalls()
    {
        var control = Create(new AdmissionOptions { TargetWaitMs = 1000 });
        Assert.That(control.RetryAfter(0), Is.EqualTo(TimeSpan.FromSeconds(10)));
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

    /// <summary>Both decisions on a payment whose message comes with its headers.</summary>
    private static RefusalReason? Take(AdmissionControl control, PaymentCall call, long now) =>
        control.Check(call, now) ?? control.Enter(call, now);

    private static AdmissionControl Create(AdmissionOptions options) => new(options, Budget, Reserve);

    private static PaymentCall Call(double arrivedMs, int allowedMs, bool isShort = false) =>
        new((long)(arrivedMs * Ms), allowedMs * Ms, CancellationToken.None) { IsShort = isShort };

    /// <summary>A payment per millisecond, each of which has waited for this long.</summary>
    private static void Wait(AdmissionControl control, int fromMs, int untilMs, double waitMs)
    {
        for (var now = fromMs; now < untilMs; now++)
        {
            var call = Call(now - waitMs, 100);
            Take(control, call, now * Ms);
            control.Exit(call, now * Ms);
        }
    }

    private static AdmissionControl Busy(int takes)
    {
        var control = Create(new AdmissionOptions());
        for (var i = 0; i < 1000; i++)
        {
            var call = Call(0, 100);
            call.IsAnswered = true;
            Assert.That(Take(control, call, 0), Is.Null);
            control.Exit(call, takes * Ms);
        }
        return control;
    }
}
