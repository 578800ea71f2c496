using System.Security.Cryptography;
using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Training.Sealing;

/// <summary>What a seal takes from the report of the gates; what else the report holds is not looked at.</summary>
internal sealed record GateReport(
    string Model, string Version, string BundleHash, bool Passed, IReadOnlyList<GateResult> Gates, IReadOnlyList<SealedWaiver>? Waivers)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a report that lets a bundle pass.</summary>
    /// <param name="path">The report's file.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="bundle">The bundle.</param>
    /// <exception cref="InvalidDataException">It is none, or of another bundle, or a gate failed that nobody waived; all faults at once.</exception>
    public static SealedGates Read(string path, byte[] bytes, ModelBundle bundle)
    {
        GateReport report;
        try
        {
            report = JsonSerializer.Deserialize<GateReport>(bytes, Json) ?? throw new JsonException("The file holds null.");
            if (report.Gates.Contains(null!) || report.Waivers?.Contains(null!) == true)
            {
                throw new JsonException("Lists must not hold null.");
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: is no report of the gates: {e.Message}");
        }
        var faults = report.Faults(path, bundle).ToList();
        return faults.Count > 0
            ? throw new InvalidDataException(string.Join(Environment.NewLine, faults))
            : new SealedGates(Convert.ToHexStringLower(SHA256.HashData(bytes)), report.Passed, report.Waivers ?? []);
    }

    private IEnumerable<Fault> Faults(string path, ModelBundle bundle)
    {
        if (BundleHash != bundle.Hash)
        {
            yield return new Fault(path, $"is of another bundle: {Model} {Version} with hash {BundleHash}; that of the bundle to seal is {bundle.Hash}");
        }
        var waived = (Waivers ?? []).Select(waiver => waiver.Gate).ToHashSet(StringComparer.Ordinal);
        var failed = Gates.Where(gate => gate.Verdict == "failed" && !waived.Contains(gate.Name)).ToList();
        foreach (var gate in failed)
        {
            yield return new Fault(path, $"the gate {gate.Name} failed, and nobody waived it{(gate.Detail is null ? "" : ": " + gate.Detail)}");
        }
        if (!Passed && failed.Count == 0 && waived.Count == 0)
        {
            yield return new Fault(path, "did not pass, and names no gate that was waived");
        }
    }
}

/// <summary>What one gate said.</summary>
internal sealed record GateResult(string Name, string Verdict, string? Detail = null);
