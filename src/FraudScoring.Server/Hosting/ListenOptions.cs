using System.ComponentModel.DataAnnotations;
using System.Net;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Hosting;

/// <summary>Section "Listen": addresses and ports of the service.</summary>
internal sealed record ListenOptions
{
    public const string Section = "Listen";

    /// <summary>Address to bind: "localhost", "*" for all addresses, or an IP address. Use "*" in a container.</summary>
    [Required]
    public string Address { get; init; } = "localhost";

    /// <summary>Port of gRPC (HTTP/2 without TLS), 0 to 65535. 0 chooses a free port and needs an IP address in Address.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; init; } = 50051;

    /// <summary>
    /// Port of JSON, metrics and health (HTTP/1.1), 0 to 65535. 0 chooses a free port and needs an IP address in Address.
    /// </summary>
    [Range(0, 65535)]
    public int HttpPort { get; init; } = 8080;

    /// <summary>Largest request message, in bytes; 1 KiB to 16 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// Whether fields of a JSON request that its message does not have are skipped. Otherwise such a request is refused, since a misspelt
    /// field would have no effect.
    /// </summary>
    public bool IgnoreUnknownFields { get; init; }

    /// <summary>Adds faults for an invalid address, and for ports that contradict it or each other.</summary>
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
                // localhost is two addresses, IPv4 and IPv6. With port 0 the system would choose a different port for each.
                faults.Add(
                    $"{Section}:{name}", "must not be 0 when Listen:Address is localhost; set a port, or set the address to 127.0.0.1");
            }
        }
        if (GrpcPort == HttpPort && GrpcPort != 0)
        {
            faults.Add($"{Section}:{nameof(HttpPort)}", $"must differ from Listen:GrpcPort; both are {HttpPort}");
        }
    }
}
