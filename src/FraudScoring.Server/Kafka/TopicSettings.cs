using System.Globalization;

namespace FraudScoring.Server.Kafka;

/// <summary>Checks the settings of a topic whose records become history: which records brokers delete, and when.</summary>
internal static class TopicSettings
{
    /// <summary>Finds the settings under which history could not be rebuilt from the topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="valueOf">The value of a setting by its name; null if it is not known.</param>
    /// <param name="window">How far back features look at the records.</param>
    public static IEnumerable<TopicFinding> Check(string topic, Func<string, string?> valueOf, TimeSpan window)
    {
        if (valueOf("cleanup.policy")?.Contains("compact", StringComparison.Ordinal) == true)
        {
            yield return new TopicFinding(IsFault: true, $"topic {topic} is compacted: brokers delete all records of a key but the last, "
                + $"so its records are no history, and profiles cannot be rebuilt from it: {Alter(topic, "cleanup.policy=delete")}");
        }
        if (Number(valueOf("retention.ms")) is { } keptMs && keptMs < window.TotalMilliseconds)
        {
            yield return new TopicFinding(IsFault: false, $"Topic {topic} keeps records for {Text(TimeSpan.FromMilliseconds(keptMs))} "
                + $"(retention.ms), but features look back {Text(window)}. If Redis loses its data, or another catalogue is built, "
                + $"the records between are missing from history: {Alter(topic, $"retention.ms={window.TotalMilliseconds:0}")}");
        }
        if (Number(valueOf("retention.bytes")) is { } bytes)
        {
            yield return new TopicFinding(IsFault: false, $"Topic {topic} keeps at most {bytes} bytes per partition (retention.bytes), "
                + $"which may hold less than the {Text(window)} that features look back: {Alter(topic, "retention.bytes=-1")}");
        }
    }

    private static string Alter(string topic, string setting) =>
        $"kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {setting}";

    // -1 is no limit.
    private static long? Number(string? value) =>
        long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : null;

    private static string Text(TimeSpan duration) => duration >= TimeSpan.FromDays(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalDays:0.#} days")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.##} hours");
}

/// <param name="IsFault">True if the topic cannot be used; false if it may lose history.</param>
/// <param name="Text">What is set, what follows, and the command that changes it.</param>
internal sealed record TopicFinding(bool IsFault, string Text);
