using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;

namespace FraudScoring.Demo;

/// <summary>The whole service, as it is in production, and a client of its public port.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private DemoServer(WebApplication app, DemoLog log)
    {
        (_app, Log) = (app, log);
        Addresses = ServerAddresses.Find(app.Services.GetRequiredService<IServer>());
        _channel = GrpcChannel.ForAddress($"http://{Addresses.Grpc}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
        });
        Client = new V1.ScoringService.ScoringServiceClient(_channel);
    }

    public V1.ScoringService.ScoringServiceClient Client { get; }

    public ServerAddresses Addresses { get; }

    public DemoLog Log { get; }

    public IServiceProvider Services => _app.Services;

    public KafkaClients Kafka => Services.GetRequiredService<KafkaClients>();

    /// <summary>Cancelled by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <param name="settings">The user's settings, as "--Section:Option=value"; they override the demo's.</param>
    /// <param name="ageHours">Greatest age of a simulated payment, in hours.</param>
    /// <exception cref="StartFaultsException">A setting is invalid.</exception>
    public static async Task<DemoServer> StartAsync(string[] settings, int ageHours)
    {
        var log = new DemoLog();
        var app = Wiring.Build(DemoSettings.With(settings, ageHours));
        try
        {
            app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
            await app.StartAsync();
            return new DemoServer(app, log);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the service after it has delivered its decisions.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
    }
}
