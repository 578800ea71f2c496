using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Training.Datasets;

/// <summary>Simulates payments into an event log, and on request the frauds' scenarios into a file of their own.</summary>
internal static class SimulatedLog
{
    /// <summary>Writes the log. When cancelled or failed, no file is left.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="path">The event log.</param>
    /// <param name="scenariosPath">Where to write each fraud's scenario as <c>transaction_id,scenario</c>; null for nowhere.</param>
    /// <param name="onDay">Called with the number of days that are done and the payments so far.</param>
    /// <param name="cancellation">Stops between two payments.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static SimulationSummary Write(
        SimulationOptions options, string path, string? scenariosPath, Action<int, long> onDay, CancellationToken cancellation)
    {
        using var log = new EventLogWriter(path);
        using var scenariosFile = scenariosPath is null ? null : new PartialFile(scenariosPath);
        // Not disposed: it would flush into a file that is complete or thrown away, and holds nothing else.
        StreamWriter? scenarios = scenariosFile is null ? null : new(scenariosFile.Stream) { NewLine = "\n" };
        scenarios?.WriteLine("transaction_id,scenario");
        var byScenario = new long[Enum.GetValues<FraudScenario>().Length];
        long labels = 0;
        long payments = 0;
        int day = 0;
        foreach (SimulatedEvent happening in PaymentSimulator.Run(options))
        {
            cancellation.ThrowIfCancellationRequested();
            if (happening.Label is { } label)
            {
                log.Write(label);
                labels++;
                continue;
            }
            for (var today = (int)((happening.TimeMs - options.StartMs) / MillisecondsPer.Day); day < today; day++)
            {
                onDay(day + 1, payments);
            }
            log.Write(happening.Payment!);
            payments++;
            byScenario[(int)happening.Scenario]++;
            if (happening.Scenario != FraudScenario.None)
            {
                scenarios?.WriteLine($"{happening.Payment!.TransactionId},{happening.Scenario}");
            }
        }
        onDay(options.Days, payments);
        scenarios?.Flush();
        scenariosFile?.Complete();
        string hash = log.Complete();
        return new SimulationSummary(payments, byScenario, labels, log.Bytes, hash);
    }
}

/// <summary>What a simulation wrote.</summary>
/// <param name="Payments">Number of payments.</param>
/// <param name="ByScenario">Number of payments by <see cref="FraudScenario"/>; those of None are the legitimate ones.</param>
/// <param name="Labels">Number of labels.</param>
/// <param name="Bytes">Length of the event log.</param>
/// <param name="Hash">SHA-256 of the event log, hexadecimal in lower case.</param>
internal sealed record SimulationSummary(long Payments, IReadOnlyList<long> ByScenario, long Labels, long Bytes, string Hash)
{
    public long Frauds => Payments - ByScenario[(int)FraudScenario.None];
}
