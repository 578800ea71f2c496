using System.Diagnostics;
using System.Net.Sockets;

namespace FraudScoring.LoadTest;

/// <summary>
/// Sends Redis a PING every few milliseconds during a measurement, on a separate socket and thread. PING does no work, so its latency shows
/// how much of the measured latency the machine itself causes.
/// </summary>
internal sealed class BarePing : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly List<double> _milliseconds = [];
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
    private readonly Thread _thread;
    private readonly ManualResetEvent _ending = new(false);

    private BarePing(string redis)
    {
        var (host, port) = redis.Split(',')[0].Split(':') is [var h, var p] ? (h, int.Parse(p)) : (redis, 6379);
        _socket.Connect(host, port);
        _thread = new Thread(Run) { IsBackground = true, Name = "bare ping" };
        _thread.Start();
    }

    public static BarePing Start(string redis) => new(redis);

    /// <summary>Stops, and returns the latency in milliseconds below which this share of the pings stayed.</summary>
    public double[] End(params double[] shares)
    {
        Dispose();
        _milliseconds.Sort();
        return [.. shares.Select(share => _milliseconds.Count == 0 ? double.NaN : _milliseconds[(int)(share * (_milliseconds.Count - 1))])];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_thread.IsAlive)
        {
            return;
        }
        _ending.Set();
        _thread.Join();
        _socket.Dispose();
        _ending.Dispose();
    }

    private void Run()
    {
        var answer = new byte[64];
        while (!_ending.WaitOne(Pause))
        {
            var start = Stopwatch.GetTimestamp();
            _socket.Send("PING\r\n"u8);
            _ = _socket.Receive(answer);
            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }
}
