using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>Waits for what another thread or process brings about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Returns once the condition holds; fails the test when it does not within a minute.</summary>
    public static Task IsTrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        IsTrueAsync(() => Task.FromResult(condition()), text);

    /// <summary>Returns once the condition holds; fails the test when it does not within a minute.</summary>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        for (var clock = Stopwatch.StartNew(); !await condition();)
        {
            Assert.That(clock.Elapsed, Is.LessThan(Limit), $"never came true: {text}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
