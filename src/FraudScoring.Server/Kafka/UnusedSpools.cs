using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>Finds spool files with records that nothing delivers, because of another mode or other topics than before.</summary>
internal static class UnusedSpools
{
    /// <summary>Logs each of them.</summary>
    /// <param name="kafka">The section "Kafka".</param>
    /// <param name="spool">The section "Spool".</param>
    /// <param name="log">The log.</param>
    public static void Report(KafkaOptions kafka, SpoolOptions spool, ILogger log)
    {
        string[] used = spool.ActiveMode == SpoolMode.Off ? []
            : [kafka.DecisionsTopic, kafka.DeadLetterTopic(kafka.TransactionsTopic), kafka.DeadLetterTopic(kafka.LabelsTopic)];
        foreach (var path in FilesOf(spool))
        {
            var topic = Path.GetFileNameWithoutExtension(path);
            if (!used.Contains(topic) && SpoolSize.Count(path) is > 0 and var count)
            {
                log.SpoolUnused(path, count, topic, spool.ActiveMode);
            }
        }
    }

    private static string[] FilesOf(SpoolOptions spool)
    {
        try
        {
            return spool.Folder.Length == 0 ? [] : Directory.GetFiles(Path.GetFullPath(spool.Folder), "*.db");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no such folder. One that cannot be used is a fault of the start, if the mode needs it.
            return [];
        }
    }
}
