using FraudScoring.Server.Admission;
using FraudScoring.Server.Api;
using FraudScoring.Server.Api.Json;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Resilience;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Trace;
using Prometheus;

namespace FraudScoring.Server.Hosting;

/// <summary>The composition root: the only file that registers services and endpoints.</summary>
internal static class Wiring
{
    /// <summary>Checks the options and builds the service, not yet started.</summary>
    /// <param name="args">Command line, such as "--Listen:GrpcPort=50051".</param>
    /// <param name="settings">More options by "Section:Option"; they take precedence over files, environment and command line.</param>
    /// <exception cref="StartFaultsException">Options are invalid; the message names all of them.</exception>
    public static WebApplication Build(string[] args, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        var options = ServerOptions.Bind(builder.Configuration);
        IHostApplicationLifetime? lifetime = null;
        // The caller of this method reports a failed start in plain lines. The host would log it again, with a stack trace.
        builder.Logging.AddFilter(
            "Microsoft.Extensions.Hosting.Internal.Host", level => level >= (IsStarted() ? LogLevel.Warning : LogLevel.Critical));
        // A service that is not ready during its start is not a failure.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", level => IsStarted() && level >= LogLevel.Warning);
        // This category logs requests, and failures that the start reports itself. While it is on, the web server creates an activity and
        // a log scope for each request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        Listen(builder, options.Listen);
        AddOptions(builder.Services, options);
        AddStores(builder.Services, options);
        AddScoring(builder.Services);
        AddApi(builder.Services, options);
        AddMonitoring(builder.Services, options.Telemetry);
        builder.Services.AddHostedService<StartSequence>();
        // For calls that are in progress. Consumers and waiting decisions have limits of their own; see StartSequence.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        var app = builder.Build();
        lifetime = app.Lifetime;
        return Map(app, options);

        bool IsStarted() => lifetime is { ApplicationStarted.IsCancellationRequested: true };
    }

    private static WebApplication Map(WebApplication app, ServerOptions options)
    {
        app.UseMiddleware<AdmissionMiddleware>();
        // After the admission, so that a refusal does not pay for it.
        app.UseRouting();
        app.MapGrpcService<ScoringService>();
        app.MapGrpcService<FeatureService>();
        JsonApi.Map(app, new JsonSettings(options.Listen.MaxMessageBytes, options.Listen.IgnoreUnknownFields));
        MapInference(app, options.Serving);
        MapReflection(app);
        app.MapGrpcHealthChecksService();
        app.MapHealthChecks("/health/ready", new() { ResponseWriter = ReadinessResponse.WriteAsync });
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        app.MapMetrics();
        return app;
    }

    // A client may leave a call of reflection open, which would delay a stop until the shutdown timeout.
    private static void MapReflection(WebApplication app)
    {
        app.Use(async (context, next) =>
        {
            if (context.Request.Path.Value?.StartsWith("/grpc.reflection.", StringComparison.Ordinal) != true)
            {
                await next(context);
                return;
            }
            using var aborting = app.Lifetime.ApplicationStopping.Register(context.Abort);
            await next(context);
        });
        app.MapGrpcReflectionService();
    }

    // The Open Inference Protocol carries batches, so its messages may be larger than those of payments.
    private static void MapInference(WebApplication app, ServingOptions options)
    {
        var path = $"/{InferenceService.Name}";
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)
                && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                // Plus the gRPC frame around the message.
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
            // Streams above the limit would wait in the client without its noticing. What is too much is refused instead.
            kestrel.Limits.Http2.MaxStreamsPerConnection = ArrivalStamps.Capacity;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
            // Without TLS a port cannot negotiate the protocol: it speaks either HTTP/2, for gRPC, or HTTP/1.1, for curl and Prometheus.
            Bind(kestrel, listen.Address, listen.GrpcPort, HttpProtocols.Http2);
            Bind(kestrel, listen.Address, listen.HttpPort, HttpProtocols.Http1);
        });
    }

    private static void Bind(KestrelServerOptions kestrel, string address, int port, HttpProtocols protocols)
    {
        switch (address)
        {
            case "localhost": kestrel.ListenLocalhost(port, Configure); break;
            case "*": kestrel.ListenAnyIP(port, Configure); break;
            default: kestrel.Listen(System.Net.IPAddress.Parse(address), port, Configure); break;
        }

        void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions endpoint)
        {
            endpoint.Protocols = protocols;
            ArrivalReader.Use(endpoint);
        }
    }

    private static void AddOptions(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(TimeProvider.System).AddSingleton(options);
        services.AddSingleton(options.Scoring).AddSingleton(options.Redis).AddSingleton(options.Kafka);
        services.AddSingleton(options.Models).AddSingleton(options.Serving).AddSingleton(options.Streams).AddSingleton(options.Spool);
        services.AddSingleton(options.Labels).AddSingleton(options.Admission);
    }

    private static void AddStores(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(_ => options.CreateHashers());
        services.AddSingleton<RedisConnections>().AddSingleton<RedisBreakers>().AddSingleton<RedisRetry>().AddSingleton<WaitDeadlines>();
        services.AddSingleton<KafkaClients>().AddSingleton<DecisionProducer>();
        services.AddSingleton<DeadLetterProducer>().AddSingleton<LabelProducer>();
        services.AddSingleton<Erasures>().AddSingleton<ErasedDecisions>().AddSingleton<ErasureTopic>().AddSingleton<ErasureReader>();
        services.AddSingleton(ErasedRecordsOf);
        services.AddSingleton<TopicCheck>().AddSingleton<RedisCheck>().AddSingleton<StoreCheck>();
    }

    private static ErasedRecords ErasedRecordsOf(IServiceProvider services)
    {
        var decisions = services.GetRequiredService<ErasedDecisions>();
        return new ErasedRecords(() => decisions.AreKnown, record => decisions.Contains(record.Value));
    }

    private static void AddScoring(IServiceCollection services)
    {
        services.AddSingleton<PendingAnswers>();
        services.AddSingleton<InferenceMonitor>().AddSingleton<DeploymentFactory>().AddSingleton<DeploymentHost>();
        services.AddSingleton<ServedModels>().AddSingleton<ModelWatch>().AddSingleton<EntityEraser>();
    }

    private static void AddApi(IServiceCollection services, ServerOptions options)
    {
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = options.Listen.MaxMessageBytes)
            .AddServiceOptions<InferenceService>(grpc => grpc.MaxReceiveMessageSize = options.Serving.MaxMessageBytes);
        services.AddGrpcReflection();
        services.AddSingleton<QueueProbe>();
        services.AddSingleton(_ => new AdmissionControl(options.Admission, TimeSpan.FromMilliseconds(options.Scoring.BudgetMs),
            TimeSpan.FromMilliseconds(options.Scoring.ReserveMs)));
        services.AddSingleton<ScoringService>().AddSingleton<FeatureService>();
        services.AddSingleton<InferencePermits>().AddSingleton<InferenceService>();
    }

    private static void AddMonitoring(IServiceCollection services, TelemetryOptions telemetry)
    {
        // Of the runtime's own metrics only those of memory, garbage collection and the thread pool: the web server's instruments would
        // cost every request a look-up per label, and event counters an event per request.
        Metrics.SuppressDefaultMetrics(new SuppressDefaultMetricOptions { SuppressEventCounters = true });
        Metrics.ConfigureMeterAdapter(
            meters => meters.InstrumentFilterPredicate = instrument => instrument.Meter.Name == "System.Runtime");
        // Creates every series at zero, so that rate() and absent() work from the first scrape, and sums of rates have all their terms.
        foreach (var type in new[] { typeof(ServerMetrics), typeof(ScoringStages), typeof(AdmissionControl), typeof(ScoringService) })
        {
            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }
        // Registered, or each check would create one by reflection.
        services.AddSingleton<ServingHealthCheck>().AddGrpcHealthChecks().AddCheck<ServingHealthCheck>("serving");
        if (telemetry.OtlpEndpoint.Length > 0)
        {
            services.AddOpenTelemetry().WithTracing(tracing => tracing
                .AddSource(ServerTracing.Name, "Microsoft.AspNetCore")
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(telemetry.SampleRatio)))
                .AddOtlpExporter(otlp => otlp.Endpoint = new Uri(telemetry.OtlpEndpoint)));
        }
    }
}
