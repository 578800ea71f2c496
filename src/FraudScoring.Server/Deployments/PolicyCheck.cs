using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>Reports when the policy in force is not the one a champion was trained with: its figures were found with the other one.</summary>
internal static class PolicyCheck
{
    /// <summary>Compares the policies; logs and sets the metric.</summary>
    /// <param name="log">The log.</param>
    /// <param name="champion">The champion's manifest.</param>
    /// <param name="policyHash">The hash of the policy in force.</param>
    public static void Report(ILogger log, ModelManifest champion, string policyHash)
    {
        var differs = champion.PolicyHash != policyHash;
        ServerMetrics.PolicyDiffers.Set(differs ? 1 : 0);
        if (differs)
        {
            log.PolicyDiffers(policyHash, champion.Model, champion.Version, champion.PolicyHash);
        }
    }
}
