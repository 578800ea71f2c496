using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using Microsoft.AspNetCore.Hosting.Server;

namespace FraudScoring.Server.Hosting;

/// <summary>The first lines of the log: what is embedded, on what models run, which is in force, and, once it listens, how to call the service.</summary>
internal sealed class StartReport(
    RedisConnections redis, KafkaClients kafka, DeploymentHost lines, ServerConfiguration configuration, IServer server, IHostApplicationLifetime lifetime,
    ILogger<StartReport> log)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Both are opened by being asked for here, before anything else starts.
        _ = (redis.Reading, kafka.BootstrapServers);
        log.DeviceFound(configuration.DeviceFound);
        configuration.Monitor.LogTo(log);
        var model = lines.Current.Router.Route();
        if (model is not null)
        {
            var bundle = model.Ensemble.Bundle;
            log.ModelInForce(
                lines.Current.Catalogue.Features.Count, lines.Current.Catalogue.Hash[..12], bundle.Manifest.Model, bundle.Manifest.Version, bundle.Hash[..12]);
            PolicyReport.Tell(log, bundle.Manifest, lines.Current.Models.Policy.Hash);
            model.Return();
        }
        lifetime.ApplicationStarted.Register(() => log.HowToCall(CallExamples.Text(ServerAddresses.Of(server))));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
