namespace FraudScoring.TestKit.Budgets;

/// <summary>A ratio of two costs that were measured in pairs.</summary>
/// <param name="Measure">What was measured, such as "p50, 1 caller, ms".</param>
/// <param name="Median">The median of the pairs.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end of its 95 % interval.</param>
internal sealed record PairedRatio(string Measure, double Median, double Low, double High);

/// <summary>The limit of such a ratio.</summary>
/// <param name="Measure">What is measured.</param>
/// <param name="MaxRatio">The highest ratio.</param>
/// <param name="Comment">What the limit is based on.</param>
internal sealed record RatioLimit(string Measure, double MaxRatio, string? Comment = null);
