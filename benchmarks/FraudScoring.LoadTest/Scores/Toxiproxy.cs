using System.Net.Http.Json;
using FraudScoring.TestKit.Services;

namespace FraudScoring.LoadTest.Scores;

/// <summary>A Toxiproxy (github.com/Shopify/toxiproxy) that delays what a server answers.</summary>
internal sealed class Toxiproxy : IDisposable
{
    private const string Program = "toxiproxy-server";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(10);

    private readonly ServerProcess _server;

    private Toxiproxy(ServerProcess server, string address) => (_server, Address) = (server, address);

    /// <summary>Address of the delayed server, as host:port.</summary>
    public string Address { get; }

    /// <summary>What to do if it is not installed.</summary>
    public static IEnumerable<string> Missing() =>
        Programs.Find(Program) is null ? ["--redis-delay needs toxiproxy-server, which is not on the PATH: install it."] : [];

    /// <summary>Starts it in front of a server.</summary>
    /// <param name="folder">A folder to run in.</param>
    /// <param name="server">Address of the server, as host:port.</param>
    /// <param name="delayMs">Delay of its answers in milliseconds.</param>
    public static async Task<Toxiproxy> StartAsync(string folder, string server, int delayMs)
    {
        var port = Ports.Free(2);
        var process = ServerProcess.Start(Programs.Find(Program)!, folder, ["-host", "127.0.0.1", "-port", $"{port}"]);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await process.UntilReadyAsync(() => AnswersAsync(http), ReadyLimit);
            var address = $"127.0.0.1:{port + 1}";
            await PostAsync(http, "/proxies", new { name = "server", listen = address, upstream = server, enabled = true });
            await PostAsync(
                http, "/proxies/server/toxics", new { type = "latency", stream = "downstream", attributes = new { latency = delayMs } });
            return new Toxiproxy(process, address);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _server.Dispose();

    private static async Task PostAsync<T>(HttpClient http, string path, T body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/version", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
