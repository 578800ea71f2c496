using System.Net;
using System.Net.Sockets;

namespace FraudScoring.TestKit.Services;

/// <summary>Free ports of the loopback interface.</summary>
internal static class Ports
{
    /// <summary>The first of some neighbouring ports that are all free.</summary>
    public static int Free(int count = 1)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var first = Bind(0);
            var port = ((IPEndPoint)first!.LocalEndPoint!).Port;
            var others = Enumerable.Range(port + 1, count - 1).Select(Bind).ToList();
            var free = others.TrueForAll(socket => socket is not null);
            others.ForEach(socket => socket?.Dispose());
            if (free)
            {
                return port;
            }
        }
        throw new InvalidOperationException($"No {count} neighbouring ports are free.");
    }

    private static Socket? Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
    }
}
