namespace FraudScoring.Inference.Ensembles;

/// <summary>Identifies a model bundle permanently: a version can be written again, but its hash then differs.</summary>
/// <param name="Model">Name of the model, such as "payments".</param>
/// <param name="Version">Version of the model, such as "1".</param>
/// <param name="Hash">The bundle's hash (SHA-256 of its manifest), hexadecimal.</param>
public sealed record BundleReference(string Model, string Version, string Hash);
