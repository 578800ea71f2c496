using System.Net;
using System.Net.Sockets;

namespace FraudScoring.TestKit.Services;

/// <summary>Free loopback ports for servers that start later and restart after a crash.</summary>
internal static class Ports
{
    // Below the default ephemeral range of every operating system (Linux starts at 32768, Windows and macOS at 49152). Any outgoing
    // connection can take an ephemeral port before the server starts, or while the server is down.
    private const int First = 15000;
    private const int End = 32000;

    // Concurrent processes start at different ports. Within one process no port is handed out twice.
    private static int _next = First + Random.Shared.Next(End - First);

    /// <summary>Returns the first of several consecutive ports that are all free.</summary>
    public static int Free(int count = 1)
    {
        for (var attempt = 0; attempt < End - First; attempt++)
        {
            var port = Take(count);
            if (port + count <= End && Enumerable.Range(port, count).All(IsFree))
            {
                return port;
            }
        }
        throw new InvalidOperationException($"No {count} consecutive ports are free between {First} and {End - 1}.");
    }

    /// <summary>Opens a listening socket on the given port, or on one that the system chooses.</summary>
    public static Socket Listen(int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    /// <summary>The port that a socket is bound to.</summary>
    public static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static int Take(int count)
    {
        var offset = (uint)(Interlocked.Add(ref _next, count) - count - First);
        return First + (int)(offset % (End - First));
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
