using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>The hashers of tokens.</summary>
/// <param name="Current">Its hashes are written.</param>
/// <param name="Previous">While the secret is rotated, that of the secret before, whose hashes are still read; else null.</param>
internal sealed record EntityHashers(EntityHasher Current, EntityHasher? Previous);
