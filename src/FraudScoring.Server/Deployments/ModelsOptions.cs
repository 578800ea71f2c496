using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Server.Deployments;

/// <summary>Section "Models": requirements on the seal of a model, user models, and polling for changes.</summary>
internal sealed record ModelsOptions
{
    public const string Section = "Models";

    /// <summary>
    /// Files of trusted public keys (PEM, several per file allowed), separated by commas and relative to the current directory. Only their
    /// signatures and approvals count.
    /// </summary>
    public string TrustedKeys { get; init; } = "";

    /// <summary>Whether a model's seal must be signed by a trusted key. Set it in production.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Whether a model's seal must include the gate report. Needs <see cref="RequireSignature"/>.</summary>
    public bool RequireGates { get; init; }

    /// <summary>
    /// Number of approvals, 0 to 10, each by a different trusted key. The signing key counts as one; use 2 for four-eyes approval.
    /// </summary>
    [Range(0, 10)]
    public int RequiredApprovals { get; init; }

    /// <summary>
    /// Folder of user models, relative to the current directory. Every &lt;name&gt;/&lt;version&gt;/model.onnx in it is served by the Open
    /// Inference Protocol. Empty: none.
    /// </summary>
    public string UserModelsFolder { get; init; } = "";

    /// <summary>Interval in seconds at which registry.json and the model folders are polled for changes; 0 disables polling.</summary>
    [Range(0, SecondsPer.Hour)]
    public int PollSeconds { get; init; } = 5;

    private string[] KeyFiles => TrustedKeys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Adds faults for options that contradict each other.</summary>
    public void Check(Faults faults)
    {
        if (KeyFiles.Length == 0 && (RequireSignature || RequiredApprovals > 0))
        {
            faults.Add($"{Section}:TrustedKeys", "must name a file: without trusted keys no signature or approval counts");
        }
        if (RequireGates && !RequireSignature)
        {
            faults.Add($"{Section}:RequireGates", "needs Models:RequireSignature: an unsigned gate report proves nothing");
        }
    }

    /// <summary>Reads the trusted keys, and returns the requirements on seals.</summary>
    public SealRequirements ReadSeals(Faults faults)
    {
        var found = new Faults();
        var keys = Inference.Sealing.TrustedKeys.Load(KeyFiles.Select(Path.GetFullPath), found);
        faults.AddUnder($"{Section}:TrustedKeys", found);
        return new SealRequirements(keys, RequireSignature, RequireGates, RequiredApprovals);
    }
}
