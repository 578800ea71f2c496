namespace FraudScoring.Demo;

/// <summary>The demo's options.</summary>
internal sealed record DemoOptions
{
    /// <summary>How long payments are scored; null: until the simulated days end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Payments per second, 1 to 20,000.</summary>
    public int Rate { get; init; } = 500;

    /// <summary>Simulated customers, 50 to 20,000. More of them make a longer history to load, and a slower simulated clock.</summary>
    public int Customers { get; init; } = 500;

    /// <summary>The same seed gives the same payments.</summary>
    public ulong Seed { get; init; } = 20_260_704;

    /// <summary>How often a line is written when there is no terminal to show figures on.</summary>
    public TimeSpan LineInterval { get; init; } = TimeSpan.FromSeconds(5);
}
