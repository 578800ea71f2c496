using FraudScoring.Server.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace FraudScoring.Tests.Server.Hosting;

/// <summary>The addresses of a started server, and the example calls that it prints.</summary>
public sealed class ServerAddressesTests
{
    [TestCase("http://127.0.0.1:50051", "127.0.0.1:50051")]
    [TestCase("http://localhost:50051", "localhost:50051")]
    [TestCase("http://[::]:50051", "localhost:50051")]
    [TestCase("http://0.0.0.0:50051", "localhost:50051")]
    [TestCase("http://[::1]:50051", "[::1]:50051")]
    public void Find_BoundAddress_IsOneThatCanBeCalled(string bound, string expected) =>
        Assert.That(ServerAddresses.Find(new StartedServer(bound, "http://10.0.0.1:8080")),
            Is.EqualTo(new ServerAddresses(expected, "10.0.0.1:8080")));

    [Test]
    public void Find_ServerThatHasNotStarted_IsRefused()
    {
        Assert.That(() => ServerAddresses.Find(new StartedServer()), Throws.InvalidOperationException);
        Assert.That(() => ServerAddresses.Find(new StartedServer("http://a:1")), Throws.InvalidOperationException);
    }

    [Test]
    public void Text_Addresses_AreInCallsThatAShellTakes()
    {
        var text = CallExamples.Text(new ServerAddresses("grpc:1", "http:2"));
        Assert.That(text, Does.Contain(" grpc:1 fraud.scoring.v1.ScoringService/Score").And.Contain("http://http:2/v1/score")
            .And.Contain("http://http:2/metrics"));
        foreach (var line in text.Split('\n').Where(line => line.Contains("-d '", StringComparison.Ordinal)))
        {
            var quotes = line.Contains("curl -s", StringComparison.Ordinal) ? 8 : 6;
            Assert.That(line.Count(c => c == '\''), Is.EqualTo(quotes), "quotes are closed");
            Assert.That(line.Count(c => c == '{'), Is.EqualTo(line.Count(c => c == '}')));
        }
    }

    private sealed class StartedServer : IServer
    {
        public StartedServer(params string[] addresses)
        {
            Features = new FeatureCollection();
            Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());
            Array.ForEach(addresses, Features.Get<IServerAddressesFeature>()!.Addresses.Add);
        }

        public IFeatureCollection Features { get; }

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
