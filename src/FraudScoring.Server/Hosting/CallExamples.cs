using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace FraudScoring.Server.Hosting;

/// <summary>Addresses of the started service, as a client on this machine calls them.</summary>
/// <param name="Grpc">host:port of gRPC.</param>
/// <param name="Http">host:port of JSON, metrics and health.</param>
internal sealed record ServerAddresses(string Grpc, string Http)
{
    /// <summary>Finds the addresses of a started server, which lists them in the order they were bound.</summary>
    public static ServerAddresses Find(IServer server)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(Callable).ToArray() ?? [];
        return addresses is [var grpc, var http, ..]
            ? new ServerAddresses(grpc, http)
            : throw new InvalidOperationException("The server has not started.");
    }

    private static string Callable(string address) => address.Replace("http://", "", StringComparison.Ordinal)
        .Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
}

/// <summary>Shell commands that call the service, logged when it is ready.</summary>
internal static class CallExamples
{
    public static string Text(ServerAddresses addresses) => $$"""
        Ready. Score a payment:
          grpcurl -plaintext -d '{"payment":{{Payment("grpcurl")}}}' {{addresses.Grpc}} fraud.scoring.v1.ScoringService/Score
          curl -s http://{{addresses.Http}}/v1/score -H 'content-type: application/json' -d '{"payment":{{Payment("curl")}}}'
        Metrics: http://{{addresses.Http}}/metrics  Health: http://{{addresses.Http}}/health/ready
        """;

    // A repeated id with another event time would be refused.
    private static string Payment(string prefix) =>
        $$"""
        {"transaction_id":"{{prefix}}-'$(date +%s)'","event_time":"'$(date -u +%FT%TZ)'","amount":"249.90","currency":"EUR",
        "card_token":"card-1","account_token":"account-1","device_token":"device-1","ip_address":"203.0.113.7","merchant_id":"merchant-1",
        "merchant_category":"5732","country":"DE","channel":"CHANNEL_ECOMMERCE"}
        """.ReplaceLineEndings("");
}
