namespace FraudScoring.Demo;

/// <summary>All that a view shows of the live part, at a moment.</summary>
internal sealed record LiveReading
{
    /// <summary>Results of the payments.</summary>
    public required ScoreboardReading Board { get; init; }

    /// <summary>How long payments have been scored.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How long payments will be scored; null without a limit.</summary>
    public required TimeSpan? Duration { get; init; }

    /// <summary>Payments scored per second, of the last seconds.</summary>
    public required double PerSecond { get; init; }

    public required DateTimeOffset Simulated { get; init; }

    /// <summary>Payments published and in the profiles.</summary>
    public required (long Published, long Applied) Transactions { get; init; }

    /// <summary>Labels published and in the profiles.</summary>
    public required (long Published, long Applied) Labels { get; init; }

    /// <summary>Decisions Kafka has acknowledged.</summary>
    public required long Delivered { get; init; }

    /// <summary>A line the service logged in the last seconds, or null.</summary>
    public required LogLine? LastLog { get; init; }
}
