using System.Text.Encodings.Web;
using System.Text.Json;

namespace FraudScoring.Inference.Sealing;

/// <summary>What a signature signs: one line of JSON, the same bytes for the same content.</summary>
public static class SealStatement
{
    private static readonly JsonSerializerOptions OneLine = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.Default,
    };

    /// <summary>"This bundle, with these gates, is the one": signed by who made or checked it.</summary>
    public static byte[] OfSignature(BundleSeal seal, string at) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Statement = "seal", seal.Manifest, seal.Gates, At = at }, OneLine);

    /// <summary>"I approve of this bundle, with these gates": signed by a person.</summary>
    public static byte[] OfApproval(BundleSeal seal, string by, string comment, string at) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Statement = "approval", seal.Manifest, seal.Gates, By = by, Comment = comment, At = at }, OneLine);
}
