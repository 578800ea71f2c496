using FraudScoring.Core.Payments;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Someone lets a bundle pass although a gate failed.</summary>
/// <param name="Gate">Name of the gate.</param>
/// <param name="By">Who answers for it.</param>
/// <param name="Because">Why.</param>
internal sealed record Waiver(string Gate, string By, string Because)
{
    /// <summary>Adds all that is wrong with waivers: unknown gates, a gate twice, no name, no reason.</summary>
    public static void Check(IReadOnlyList<Waiver> waivers, IReadOnlyCollection<string> gates, Faults faults)
    {
        foreach (var waiver in waivers)
        {
            if (!gates.Contains(waiver.Gate))
            {
                faults.Add("--waive", $"there is no gate '{(PlainText.Is(waiver.Gate) ? waiver.Gate : "")}'; there are {string.Join(", ", gates)}");
            }
            if (!PlainText.Is(waiver.By) || !PlainText.Is(waiver.Because))
            {
                faults.Add($"--waive {waiver.Gate}", "name (--by) and reason (--because) must be on one line, without characters that cannot be shown");
            }
            if (string.IsNullOrWhiteSpace(waiver.By) || string.IsNullOrWhiteSpace(waiver.Because))
            {
                faults.Add($"--waive {waiver.Gate}", "needs a name (--by) and a reason (--because)");
            }
        }
        foreach (var twice in waivers.GroupBy(w => w.Gate, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add($"--waive {twice.Key}", $"is given {twice.Count()} times");
        }
    }

    /// <summary>The gates, with those that failed and are waived shown as waived.</summary>
    public static GateResult[] Apply(IEnumerable<GateResult> gates, IReadOnlyList<Waiver> waivers) => [.. gates.Select(gate =>
        gate.Status == GateStatus.Failed && waivers.Any(w => w.Gate == gate.Name) ? gate with { Status = GateStatus.Waived } : gate)];
}
