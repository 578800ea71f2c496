using FraudScoring.Oip;

namespace FraudScoring.Server.Api;

/// <summary>How a request is admitted.</summary>
internal enum RequestKind
{
    /// <summary>Always: health, metrics and reflection. A stream of payments too, whose payments are admitted one by one.</summary>
    Unlimited,
    /// <summary>A payment to score.</summary>
    Payment,
    /// <summary>Anything else. Refused before payments are.</summary>
    Other,
}

/// <summary>Tells the kind of a request by its path.</summary>
internal static class RequestKinds
{
    private static readonly string Service = $"/{V1.ScoringService.Descriptor.FullName}/";
    private static readonly string Score = Service + nameof(V1.ScoringService.ScoringServiceClient.Score);
    private static readonly string ScoreStream = Service + nameof(V1.ScoringService.ScoringServiceClient.ScoreStream);

    // As in the http option of the method.
    private const string JsonScore = "/v1/score";

    // ServerLive and ServerReady are health checks, over gRPC and as /v2/health/….
    private static readonly string[] Unlimited =
        ["/grpc.", "/health/", "/metrics", $"/{GRPCInferenceService.Descriptor.FullName}/Server", "/v2/health/"];

    /// <summary>The kind of a request. As in routing, case and a slash at the end do not matter.</summary>
    public static RequestKind Of(string? path) => path is null ? RequestKind.Other
        : Is(path, Score) || Is(path, JsonScore) ? RequestKind.Payment
        : Is(path, ScoreStream) || IsUnlimited(path) ? RequestKind.Unlimited
        : RequestKind.Other;

    private static bool Is(string path, string known) => path.Length - known.Length is 0 or 1
        && path.StartsWith(known, StringComparison.OrdinalIgnoreCase) && (path.Length == known.Length || path[^1] == '/');

    private static bool IsUnlimited(string path)
    {
        foreach (var prefix in Unlimited)
        {
            if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}
