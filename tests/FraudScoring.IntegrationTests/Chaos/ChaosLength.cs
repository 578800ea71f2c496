namespace FraudScoring.IntegrationTests.Chaos;

/// <summary>
/// How long the chaos tests run. FRAUDSCORING_CHAOS=long runs them in full: 1,000 payments per second, Kafka paused for 60 s, ten kills
/// per test. Otherwise they are short enough for CI.
/// </summary>
internal static class ChaosLength
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("FRAUDSCORING_CHAOS") == "long";

    public static int PaymentsPerSecond => IsLong ? 1000 : 200;

    public static int Kills => IsLong ? 10 : 1;

    /// <summary>Payments of the history that is consumed meanwhile.</summary>
    public static int History => IsLong ? 200_000 : 20_000;

    public static TimeSpan Pause => TimeSpan.FromSeconds(IsLong ? 60 : 2);
}
