namespace FraudScoring.Server.Hosting;

/// <summary>Something that limits the answers of the service, or prevents them.</summary>
/// <param name="Code">Stable code, such as "redis_not_connected".</param>
/// <param name="Text">What is the case, and what follows from it.</param>
internal sealed record HealthReason(string Code, string Text);
