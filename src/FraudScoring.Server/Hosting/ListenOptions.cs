using System.ComponentModel.DataAnnotations;

namespace FraudScoring.Server.Hosting;

/// <summary>Section "Listen": where the service is reached.</summary>
internal sealed record ListenOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Listen";

    /// <summary>Address to bind: "localhost", "*" for all, or an IP address.</summary>
    [Required, RegularExpression(@"^(localhost|\*|[0-9a-fA-F.:]+)$", ErrorMessage = "{0} must be localhost, * or an IP address.")]
    public string Address { get; init; } = "localhost";

    /// <summary>Port of gRPC (HTTP/2 without TLS); 0 takes a free one, when the address is an IP address.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; init; } = 50051;

    /// <summary>Port of JSON over HTTP/1.1, metrics and health; 0 takes a free one, when the address is an IP address.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; init; } = 8080;

    /// <summary>Largest request message, in bytes.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 64 * 1024;
}
