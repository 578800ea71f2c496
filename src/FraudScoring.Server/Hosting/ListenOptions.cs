using System.ComponentModel.DataAnnotations;
using System.Net;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Hosting;

/// <summary>Section "Listen": where the service is reached.</summary>
internal sealed record ListenOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Listen";

    /// <summary>Address to bind: "localhost", "*" for all, or an IP address.</summary>
    [Required]
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

    /// <summary>Adds an address that is none, and ports that contradict it or each other.</summary>
    public void Check(Faults faults)
    {
        if (Address is not ("localhost" or "*") && !IPAddress.TryParse(Address, out _))
        {
            faults.Add($"{Section}:{nameof(Address)}", $"'{Address}' is not localhost, * or an IP address");
        }
        foreach (var (name, port) in new[] { (nameof(GrpcPort), GrpcPort), (nameof(HttpPort), HttpPort) })
        {
            if (port == 0 && Address == "localhost")
            {
                // localhost is two addresses, which must have the same port; the system chooses one for each.
                faults.Add($"{Section}:{name}", "cannot be 0 when Listen:Address is localhost; give a port, or 127.0.0.1 as the address");
            }
        }
        if (GrpcPort == HttpPort && GrpcPort != 0)
        {
            faults.Add($"{Section}:{nameof(HttpPort)}", $"is {HttpPort}, and so is Listen:GrpcPort; give two different ports");
        }
    }
}
