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

    // ServerLive and ServerReady are health checks, over gRPC and as /v2/health/….
    private static readonly string[] Unlimited =
        ["/grpc.", "/health/", "/metrics", $"/{GRPCInferenceService.Descriptor.FullName}/Server", "/v2/health/"];

    public static RequestKind Of(string? path) => path is null ? RequestKind.Other
        : path == Score || path == "/v1/score" ? RequestKind.Payment
        : path == ScoreStream ? RequestKind.Unlimited
        : Unlimited.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)) ? RequestKind.Unlimited
        : RequestKind.Other;
}
