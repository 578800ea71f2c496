using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Server.Deployments;

/// <summary>Section "Models": what a model's seal must hold for the model to be served, and how models come and go.</summary>
internal sealed record ModelsOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Models";

    /// <summary>Files with the public keys whose signatures and approvals count (PEM; a file may hold several), with commas between;
    /// relative to the current directory.</summary>
    public string TrustedKeys { get; init; } = "";

    /// <summary>Whether a model must be sealed with the signature of a trusted key.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Whether it must be sealed with the report of the gates. Needs <see cref="RequireSignature"/>.</summary>
    public bool RequireGates { get; init; }

    /// <summary>How many trusted keys must have approved it.</summary>
    [Range(0, 10)]
    public int RequiredApprovals { get; init; }

    /// <summary>Folder of user models, as &lt;name&gt;/&lt;version&gt;/model.onnx: all in it are served by the Open Inference Protocol;
    /// relative to the current directory. Empty: none.</summary>
    public string UserModelsFolder { get; init; } = "";

    /// <summary>How often registry.json and the models' folders are looked at for changes, in seconds; 0 for never.</summary>
    [Range(0, SecondsPer.Hour)]
    public int PollSeconds { get; init; } = 5;

    private string[] KeyFiles => TrustedKeys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Adds options that contradict each other.</summary>
    public void Check(Faults faults)
    {
        if (KeyFiles.Length == 0 && (RequireSignature || RequiredApprovals > 0))
        {
            faults.Add($"{Section}:TrustedKeys", "must name a file: without trusted keys no signature and no approval counts");
        }
        if (RequireGates && !RequireSignature)
        {
            faults.Add($"{Section}:RequireGates", "needs Models:RequireSignature: a report that nobody signed proves nothing");
        }
    }

    /// <summary>Reads the trusted keys, and gives what seals must hold.</summary>
    public SealRequirements ReadSeals(Faults faults)
    {
        var found = new Faults();
        var keys = Inference.Sealing.TrustedKeys.Load(KeyFiles.Select(Path.GetFullPath), found);
        faults.AddUnder($"{Section}:TrustedKeys", found);
        return new SealRequirements(keys, RequireSignature, RequireGates, RequiredApprovals);
    }
}
