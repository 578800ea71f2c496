using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>Where a record is in the Kafka log.</summary>
/// <param name="Source">Number of its topic and partition; see <see cref="AppliedOffsets.SourceOf"/>.</param>
/// <param name="Offset">Its offset.</param>
internal readonly record struct RecordPosition(int Source, long Offset);
