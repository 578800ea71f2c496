namespace FraudScoring.Training.Quality;

/// <summary>Something to check before a model is trusted.</summary>
/// <param name="Severity">0 to 100; from <see cref="Grave"/> on, a model is probably wrong.</param>
/// <param name="Text">The finding in words.</param>
internal sealed record Finding(double Severity, string Text)
{
    public const double Grave = 70;
}
