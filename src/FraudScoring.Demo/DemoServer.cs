using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;

namespace FraudScoring.Demo;

/// <summary>The complete service, as in production, and a client of its public port.</summary>
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

    /// <summary>A client of the service's gRPC port.</summary>
    public V1.ScoringService.ScoringServiceClient Client { get; }

    /// <summary>Where the service listens.</summary>
    public ServerAddresses Addresses { get; }

    /// <summary>The warnings that the service logged.</summary>
    public DemoLog Log { get; }

    /// <summary>The service's parts.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Makes clients of the service's Kafka.</summary>
    public KafkaClients Kafka => Services.GetRequiredService<KafkaClients>();

    /// <summary>Cancelled by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <summary>Starts the service.</summary>
    /// <param name="settings">Settings of the user, as "--Section:Option=value"; they override those of the demo.</param>
    /// <param name="ageHours">How old simulated payments may be.</param>
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

    /// <summary>Stops the service after it has delivered pending decisions.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
    }
}
