using FraudScoring.Server.Api;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Trace;
using Prometheus;

namespace FraudScoring.Server.Hosting;

/// <summary>The one file that registers anything, in the order of a payment's path.</summary>
internal static class Wiring
{
    /// <summary>Builds the service, not yet started.</summary>
    /// <param name="settings">Configuration that goes before files, environment and command line; by "Section:Option".</param>
    /// <param name="args">Command line, such as "--Listen:GrpcPort=50051".</param>
    /// <exception cref="StartFaultsException">Something in the configuration is wrong; all of it is named.</exception>
    public static WebApplication Build(string[] args, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        var configuration = ServerConfiguration.Read(builder.Configuration);
        Listen(builder, configuration.Listen);
        AddPath(builder.Services, configuration);
        AddStreams(builder.Services, configuration);
        AddMonitoring(builder.Services, configuration.Telemetry);
        var app = builder.Build();
        app.MapGrpcService<ScoringService>();
        app.MapGrpcService<FeatureService>();
        MapInference(app, configuration.Serving);
        app.MapGrpcReflectionService();
        app.MapGrpcHealthChecksService();
        app.MapHealthChecks("/health/ready");
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        app.MapMetrics();
        return app;
    }

    /// <summary>The Open Inference Protocol carries batches, so its messages may be larger than a payment's.</summary>
    private static void MapInference(WebApplication app, ServingOptions options)
    {
        var path = $"/{InferenceService.Name}";
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)
                && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                // The frame around the message comes on top.
                size.MaxRequestBodySize = options.MaxMessageBytes + 1024;
            }
            return next(context);
        });
        app.MapGrpcService<InferenceService>();
    }

    private static void Listen(WebApplicationBuilder builder, ListenOptions listen)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = listen.MaxMessageBytes;
            // Without TLS a port speaks either HTTP/2, which gRPC needs, or HTTP/1.1, which curl and Prometheus speak.
            Bind(kestrel, listen.Address, listen.GrpcPort, HttpProtocols.Http2);
            Bind(kestrel, listen.Address, listen.HttpPort, HttpProtocols.Http1);
        });
    }

    private static void Bind(KestrelServerOptions kestrel, string address, int port, HttpProtocols protocols)
    {
        switch (address)
        {
            case "localhost": kestrel.ListenLocalhost(port, options => options.Protocols = protocols); break;
            case "*": kestrel.ListenAnyIP(port, options => options.Protocols = protocols); break;
            default: kestrel.Listen(System.Net.IPAddress.Parse(address), port, options => options.Protocols = protocols); break;
        }
    }

    private static void AddPath(IServiceCollection services, ServerConfiguration configuration)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(configuration.Scoring).AddSingleton(configuration.Redis).AddSingleton(configuration.Kafka);
        services.AddSingleton(configuration).AddSingleton(configuration.Monitor);

        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = configuration.Listen.MaxMessageBytes).AddJsonTranscoding()
            .AddServiceOptions<InferenceService>(grpc => grpc.MaxReceiveMessageSize = configuration.Serving.MaxMessageBytes);
        services.AddGrpcReflection();
        services.AddSingleton<ScoringService>().AddSingleton<FeatureService>().AddSingleton<EntityEraser>();
        services.AddSingleton(p => RedisConnections.Open(configuration.Redis, p.GetRequiredService<ILogger<RedisConnections>>()));
        services.AddSingleton(_ => configuration.Hasher());
        services.AddSingleton<DeploymentHost>();

        services.AddSingleton(configuration.Serving).AddSingleton<ServedModels>().AddSingleton<ModelWatch>();
        services.AddSingleton<InferenceSlots>().AddSingleton<InferenceService>();
    }

    private static void AddStreams(IServiceCollection services, ServerConfiguration configuration)
    {
        services.AddSingleton(p => EmbeddedKafka.Start(p.GetRequiredService<ILogger<EmbeddedKafka>>()));
        services.AddSingleton(p => new KafkaClients(
            configuration.Kafka,
            configuration.Kafka.BootstrapServers.Length > 0 ? configuration.Kafka.BootstrapServers : p.GetRequiredService<EmbeddedKafka>().BootstrapServers,
            p.GetRequiredService<ILogger<KafkaClients>>()));
        // A stop may take as long as the decisions on their way are waited for, and what else there is to end.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(configuration.Kafka.DrainTimeoutSeconds + 20));
        services.AddSingleton<DeadLetterProducer>().AddSingleton<LabelProducer>();
        services.AddSingleton<RedisRetry>();
        services.AddHostedService<StartReport>();
        services.AddSingleton<DecisionProducer>().AddHostedService(p => p.GetRequiredService<DecisionProducer>());
        services.AddHostedService(p => p.GetRequiredService<DeploymentHost>());
        services.AddHostedService(p => p.GetRequiredService<ModelWatch>());
        services.AddHostedService<WarmUp>();
    }

    private static void AddMonitoring(IServiceCollection services, TelemetryOptions telemetry)
    {
        // Every series is there from the first scrape on, at zero.
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(ServerMetrics).TypeHandle);
        services.AddGrpcHealthChecks().AddCheck<ServingHealthCheck>("serving");
        if (telemetry.OtlpEndpoint.Length > 0)
        {
            services.AddOpenTelemetry().WithTracing(tracing => tracing
                .AddSource(ServerTracing.Name, "Microsoft.AspNetCore")
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(telemetry.SampleRatio)))
                .AddOtlpExporter(otlp => otlp.Endpoint = new Uri(telemetry.OtlpEndpoint)));
        }
    }
}
