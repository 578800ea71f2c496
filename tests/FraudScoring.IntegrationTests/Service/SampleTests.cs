using System.Diagnostics;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Api;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>The clients in protos/samples, built and run: with the service, with one that refuses, and without any.</summary>
public sealed class SampleTests
{
    // Longer than the default, for a busy machine. The first call of each program has a second.
    private const string BudgetMs = "5000";

    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(60), InstallLimit = TimeSpan.FromMinutes(3);

    private DirectoryInfo _node = null!;

    /// <summary>The languages of the samples.</summary>
    public enum Sample
    {
        CSharp,
        Node,
    }

    [OneTimeSetUp]
    public void CopyNodeSample()
    {
        // npm installs into the folder of the sample, so a copy of the protos is used.
        _node = Directory.CreateTempSubdirectory("sample-");
        foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Path("protos", "fraud"), "*.proto", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(RepositoryFiles.Path("protos", "samples", "node"))))
        {
            var copy = Path.Combine(_node.FullName, Path.GetRelativePath(RepositoryFiles.Path("protos"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [OneTimeTearDown]
    public void DeleteNodeSample() => _node.Delete(recursive: true);

    [Test]
    public async Task WithTheService_ThePaymentIsScoredOnce([Values] Sample sample)
    {
        var backends = Backends.Real();
        await backends.StartAsync();
        await using var service = await ServiceUnderTest.StartAsync(backends, ("Scoring:BudgetMs", "5000"),
            ("Redis:ReadTimeoutMs", "2000"), ("Scoring:IdempotencySeconds", "300"), ("Admission:TargetWaitMs", "1000"));
        var output = await RunAsync(sample, service.Addresses.Grpc);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2), output);
        Assert.That(lines[0], Does.Match(@"^decision (DECISION_)?\w+ probability 0\.\d{4} reasons .+[^)]$"));
        Assert.That(lines[1], Is.EqualTo(lines[0] + " (replayed)"));
    }

    [Test]
    public async Task WithoutTheService_TheCallerDecides([Values] Sample sample)
    {
        var output = await RunAsync(sample, $"127.0.0.1:{Ports.Free()}", "150");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2), output);
        Assert.That(lines, Is.All.Match(@"(?i)^decision (DECISION_)?REVIEW without an answer: (UNAVAILABLE|DEADLINE_?EXCEEDED): "));
    }

    /// <summary>Attempts for one payment have its id and share its deadline, and come when the service says.</summary>
    [Test]
    public async Task AServiceThatRefusesFirst_GetsTheSamePaymentAgain_NotBeforeItsPushback([Values] Sample sample)
    {
        await using var fake = await FakeService.StartAsync(
            new RpcException(new Status(StatusCode.ResourceExhausted, "overloaded"), new Metadata { { LoadRefusal.PushbackHeader, "120" } }),
            new RpcException(new Status(StatusCode.Unavailable, "stopping")),
            new RpcException(new Status(StatusCode.DeadlineExceeded, "too late")));
        var output = await RunAsync(sample, fake.Address);
        var calls = fake.Calls;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Match(@"(?i)^decision (DECISION_)?APPROVE probability none reasons RULE\n"), "rules only");
            Assert.That(calls, Has.Count.EqualTo(5), "four for the first request, and one for the second");
            Assert.That(calls.Select(call => call.Payment).Distinct().Count(), Is.EqualTo(1));
            Assert.That(Stopwatch.GetElapsedTime(calls[0].At, calls[1].At).TotalMilliseconds, Is.GreaterThanOrEqualTo(115));
            Assert.That(calls[0].Timeout - calls[1].Timeout, Is.GreaterThanOrEqualTo(Stopwatch.Frequency * 115 / 1000),
                "the time of all attempts is limited, not that of each");
        }
    }

    [TestCase(Sample.CSharp, StatusCode.InvalidArgument, null)]
    [TestCase(Sample.Node, StatusCode.InvalidArgument, null)]
    [TestCase(Sample.CSharp, StatusCode.ResourceExhausted, "-1")]
    [TestCase(Sample.Node, StatusCode.ResourceExhausted, "-1")]
    public async Task WhatMustNotBeRetried_IsNot(Sample sample, StatusCode status, string? pushback)
    {
        var trailers = new Metadata();
        if (pushback is not null)
        {
            trailers.Add(LoadRefusal.PushbackHeader, pushback);
        }
        await using var fake = await FakeService.StartAsync(new RpcException(new Status(status, "refused"), trailers));
        var output = await RunAsync(sample, fake.Address);
        Assert.That(output, Does.Match(@"(?i)^decision (DECISION_)?REVIEW without an answer: \w+: refused\n"));
        Assert.That(fake.Calls, Has.Count.EqualTo(2), "one for each request, of which the second is answered");
    }

    private async Task<string> RunAsync(Sample sample, string address, string budgetMs = BudgetMs)
    {
        if (sample == Sample.CSharp)
        {
            var build = Path.GetRelativePath(
                RepositoryFiles.Path("tests", "FraudScoring.IntegrationTests"), AppContext.BaseDirectory);
            return await RunAsync(
                "dotnet", RepositoryFiles.Path("protos", "samples", "csharp", build, "ScorePayment.dll"), RunLimit, address, budgetMs);
        }
        var folder = Path.Combine(_node.FullName, "samples", "node");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            await RunAsync(MissingServer.Require("npm"), "ci", InstallLimit, "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund");
        }
        return await RunAsync(MissingServer.Require("node"), Path.Combine(folder, "score.js"), RunLimit, address, budgetMs);
    }

    private static async Task<string> RunAsync(string program, string command, TimeSpan limit, params string[] arguments)
    {
        using var process = ServerProcess.Start(program, AppContext.BaseDirectory, [command, .. arguments]);
        await process.UntilEndedAsync(limit);
        return process.Output;
    }

    /// <summary>A service that refuses the first calls, and then answers by rules alone.</summary>
    private sealed class FakeService : V1.ScoringService.ScoringServiceBase, IAsyncDisposable
    {
        private static readonly ScoreResponse Answer = new()
        {
            Assessment = new Assessment
            {
                Decision = Decision.Approve, Degradation = Degradation.RulesOnly, Reasons = { new Reason { Code = "RULE" } },
            },
        };

        private readonly Queue<RpcException> _refusals;
        private readonly List<(Payment Payment, long Timeout, long At)> _calls = [];
        private WebApplication? _app;

        private FakeService(IEnumerable<RpcException> refusals) => _refusals = new(refusals);

        public string Address { get; private set; } = "";

        public List<(Payment Payment, long Timeout, long At)> Calls
        {
            get
            {
                lock (_calls)
                {
                    return [.. _calls];
                }
            }
        }

        /// <param name="refusals">The answers to the first calls.</param>
        public static async Task<FakeService> StartAsync(params RpcException[] refusals)
        {
            var fake = new FakeService(refusals);
            var builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddGrpc();
            builder.Services.AddSingleton(fake);
            builder.WebHost.ConfigureKestrel(kestrel =>
                kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
            fake._app = builder.Build();
            fake._app.MapGrpcService<FakeService>();
            await fake._app.StartAsync();
            var addresses = fake._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            fake.Address = new Uri(addresses.Single()).Authority;
            return fake;
        }

        public override Task<ScoreResponse> Score(ScoreRequest request, ServerCallContext context)
        {
            var timeout = CallTimeout.Parse(context.GetHttpContext().Request.Headers[CallTimeout.Header]);
            lock (_calls)
            {
                _calls.Add((request.Payment, timeout!.Value, Stopwatch.GetTimestamp()));
                return _refusals.TryDequeue(out var refusal) ? throw refusal : Task.FromResult(Answer);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _app!.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
