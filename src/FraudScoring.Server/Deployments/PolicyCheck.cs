using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>Warns when the active policy is not the one a champion was trained with: its thresholds were tuned for that one.</summary>
internal static class PolicyCheck
{
    /// <summary>Compares the policies by hash; sets the metric, and logs a difference.</summary>
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
