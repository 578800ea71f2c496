namespace FraudScoring.Inference.Ensembles;

/// <summary>Names a model bundle for good: a version can be written again, a hash cannot.</summary>
/// <param name="Model">Name of the model, such as "payments".</param>
/// <param name="Version">Version of the model, such as "1".</param>
/// <param name="Hash">The bundle's hash (SHA-256 of its manifest), hexadecimal.</param>
public sealed record BundleReference(string Model, string Version, string Hash);
