using System.Net;
using System.Net.Sockets;

namespace FraudScoring.TestKit.Services;

/// <summary>Free ports of the loopback interface for servers that are started later, and again after a crash.</summary>
internal static class Ports
{
    // Below every system's default ephemeral range (Linux begins at 32768, Windows and macOS at 49152). A port from that range can be
    // taken by any outgoing connection between this look and the server's start, or while the server is down.
    private const int First = 15000;
    private const int End = 32000;

    // Processes that run at the same time start at different places; within one process no port is handed out twice.
    private static int _next = First + Random.Shared.Next(End - First);

    /// <summary>The first of some neighbouring ports that are all free.</summary>
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
        throw new InvalidOperationException($"No {count} neighbouring ports are free between {First} and {End - 1}.");
    }

    /// <summary>A socket that listens, on the given port or one that the system chooses.</summary>
    public static Socket Listen(int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    /// <summary>The port a socket is bound to.</summary>
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
