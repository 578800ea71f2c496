using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>Waits for an effect of another thread or process.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the condition holds. Fails the test after a minute.</summary>
    public static Task IsTrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        IsTrueAsync(() => Task.FromResult(condition()), text);

    /// <summary>Waits until the condition holds. Fails the test after a minute.</summary>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        for (var clock = Stopwatch.StartNew(); !await condition();)
        {
            Assert.That(clock.Elapsed, Is.LessThan(Limit), $"still false after {Limit}: {text}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
