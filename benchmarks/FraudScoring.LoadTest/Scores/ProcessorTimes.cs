using System.Diagnostics;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Processor time that each process used, user and system; null if it is unknown, as on another machine.</summary>
/// <param name="Service">The service, or the floor.</param>
/// <param name="Redis">Redis.</param>
/// <param name="Kafka">Kafka.</param>
/// <param name="Client">This process.</param>
internal sealed record ProcessorTimes(TimeSpan? Service, TimeSpan? Redis, TimeSpan? Kafka, TimeSpan? Client)
{
    /// <summary>Reads the times by process id; null is an unknown process.</summary>
    public static ProcessorTimes Read(int? service, int? redis, int? kafka) =>
        new(Of(service), Of(redis), Of(kafka), Of(Environment.ProcessId));

    /// <summary>The time used between two readings.</summary>
    public static ProcessorTimes operator -(ProcessorTimes after, ProcessorTimes before) => new(
        after.Service - before.Service, after.Redis - before.Redis, after.Kafka - before.Kafka, after.Client - before.Client);

    private static TimeSpan? Of(int? id)
    {
        if (id is not { } known)
        {
            return null;
        }
        using var process = Process.GetProcessById(known);
        return process.TotalProcessorTime;
    }
}
