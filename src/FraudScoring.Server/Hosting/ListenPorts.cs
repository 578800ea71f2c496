using System.Net;
using System.Net.Sockets;
using FraudScoring.Core.Payments;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace FraudScoring.Server.Hosting;

/// <summary>Checks that the ports can be bound, before the start opens anything that it would have to close again.</summary>
internal static class ListenPorts
{
    /// <summary>Binds each port as the web server will, and releases it again. Adds a fault for each port that cannot be bound.</summary>
    public static void Check(ListenOptions listen, Faults faults)
    {
        Check($"{ListenOptions.Section}:{nameof(ListenOptions.GrpcPort)}", listen.Address, listen.GrpcPort, faults);
        Check($"{ListenOptions.Section}:{nameof(ListenOptions.HttpPort)}", listen.Address, listen.HttpPort, faults);
    }

    private static void Check(string option, string address, int port, Faults faults)
    {
        // Port 0: the system chooses a free port when the web server binds.
        if (port == 0)
        {
            return;
        }
        foreach (var endpoint in Endpoints(address, port))
        {
            if (Bind(endpoint) is not SocketError.Success and var error && !IsOptional(address, error))
            {
                faults.Add(option, Explain(endpoint, error));
                return;
            }
        }
    }

    private static IPEndPoint[] Endpoints(string address, int port) => address switch
    {
        "localhost" => [new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)],
        "*" => [new(IPAddress.IPv6Any, port)],
        _ => [new(IPAddress.Parse(address), port)],
    };

    private static SocketError Bind(IPEndPoint endpoint)
    {
        try
        {
            using var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    // A machine may lack IPv4 or IPv6. For localhost the web server then binds the loopback address it has, and for * IPv4 alone.
    private static bool IsOptional(string address, SocketError error) =>
        address is "localhost" or "*" && error is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;

    private static string Explain(IPEndPoint endpoint, SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => $"{endpoint} is in use by another process; stop that process or choose another port",
        SocketError.AccessDenied => $"{endpoint} needs a privilege that this process does not have; choose a port above 1023",
        SocketError.AddressNotAvailable => $"{endpoint.Address} is not an address of this machine; see Listen:Address",
        _ => $"{endpoint} cannot be bound: {error}",
    };
}
