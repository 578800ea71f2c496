using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>Tells when the policy in force is not the one a champion was trained beside: its figures were found with the other one.</summary>
internal static class PolicyReport
{
    /// <summary>Compares them.</summary>
    /// <param name="log">Where it is told.</param>
    /// <param name="champion">The champion's manifest.</param>
    /// <param name="policyHash">The hash of the policy in force.</param>
    public static void Tell(ILogger log, ModelManifest champion, string policyHash)
    {
        var differs = champion.PolicyHash != policyHash;
        ServerMetrics.PolicyDiffers.Set(differs ? 1 : 0);
        if (differs)
        {
            log.PolicyDiffers(policyHash, champion.Model, champion.Version, champion.PolicyHash);
        }
    }
}
