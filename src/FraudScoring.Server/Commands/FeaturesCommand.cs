using System.CommandLine;
using System.Globalization;
using FraudScoring.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace FraudScoring.Server.Commands;

/// <summary><c>features show</c> and <c>features erase</c>: clients of a running service's feature store.</summary>
internal static class FeaturesCommand
{
    public static Command Create()
    {
        var server = new Option<string>("--server")
        {
            Description = "Address of the service's gRPC endpoint, as host:port.", DefaultValueFactory = _ => "localhost:50051",
        };
        var tokens = new TokenOptions();
        var show = new Command("show", "Show the features of these entities: value, unit, window, newest event and state.") { server };
        var erase = new Command(
            "erase", "Erase the profiles of these entities and print a receipt. Needs Redis:EraseAllowed on the service.") { server };
        foreach (var option in tokens.All)
        {
            show.Add(option);
            erase.Add(option);
        }
        show.SetAction((parsed, stop) => CallAsync(parsed, server, client =>
            ShowAsync(client, tokens.Parse(parsed), parsed.InvocationConfiguration.Output, stop)));
        erase.SetAction((parsed, stop) =>
            CallAsync(parsed, server, client => EraseAsync(client, tokens.Parse(parsed), parsed.InvocationConfiguration.Output, stop)));
        return new Command("features", "Show or erase what a running service stores about entities.") { show, erase };
    }

    private static async Task<int> CallAsync(
        ParseResult parsed, Option<string> server, Func<FeatureService.FeatureServiceClient, Task<int>> call)
    {
        using var channel = GrpcChannel.ForAddress($"http://{parsed.GetRequiredValue(server)}");
        try
        {
            return await call(new FeatureService.FeatureServiceClient(channel));
        }
        catch (RpcException e)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(
                $"{parsed.GetRequiredValue(server)}: {e.StatusCode}: {e.Status.Detail}");
            return ServerCommand.Failure;
        }
    }

    private static async Task<int> ShowAsync(
        FeatureService.FeatureServiceClient client, EntityTokens tokens, TextWriter output, CancellationToken stop)
    {
        var response = await client.ShowFeaturesAsync(new ShowFeaturesRequest { Entities = tokens }, cancellationToken: stop);
        List<string[]> rows = [["entity", "feature", "value", "unit", "window", "newest event", "state"]];
        foreach (var feature in response.Features)
        {
            var value = feature.HasValue ? feature.Value.ToString("#,0.####", CultureInfo.InvariantCulture) : "-";
            var window = feature.WindowSeconds == 0 ? "-"
                : Span(feature.WindowSeconds) + (feature.DelaySeconds == 0 ? "" : $", ending {Span(feature.DelaySeconds)} ago");
            var age = feature.HasAgeSeconds ? Span(feature.AgeSeconds) + " ago" : "-";
            rows.Add([feature.Entity, feature.Name, value, feature.Unit, window, age, Core.Payments.SnakeCase.Convert(feature.State)]);
        }
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
        {
            await output.WriteLineAsync(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"Catalogue {response.CatalogueHash[..12]}; profiles lag {response.LagSeconds:0.#} s behind the topic of transactions."));
        return ServerCommand.Success;
    }

    private static async Task<int> EraseAsync(
        FeatureService.FeatureServiceClient client, EntityTokens tokens, TextWriter output, CancellationToken stop)
    {
        var receipt = await client.EraseEntitiesAsync(new EraseEntitiesRequest { Entities = tokens }, cancellationToken: stop);
        // On one line: receipts are archived, and programs may parse them.
        await output.WriteLineAsync(Google.Protobuf.JsonFormatter.Default.Format(receipt));
        return ServerCommand.Success;
    }

    private static string Span(double seconds) => TimeSpan.FromSeconds(seconds) switch
    {
        { TotalDays: >= 2 } span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} d"),
        { TotalHours: >= 2 } span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} h"),
        { TotalMinutes: >= 2 } span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} min"),
        var span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s"),
    };

    private sealed class TokenOptions
    {
        private readonly Option<string> _card = new("--card") { Description = "Card token." };
        private readonly Option<string> _account = new("--account") { Description = "Account token." };
        private readonly Option<string> _device = new("--device") { Description = "Device token." };
        private readonly Option<string> _ip = new("--ip") { Description = "IP address, v4 or v6." };
        private readonly Option<string> _merchant = new("--merchant") { Description = "Merchant id." };

        public Option<string>[] All => [_card, _account, _device, _ip, _merchant];

        public EntityTokens Parse(ParseResult parsed) => new()
        {
            CardToken = parsed.GetValue(_card) ?? "", AccountToken = parsed.GetValue(_account) ?? "",
            DeviceToken = parsed.GetValue(_device) ?? "", IpAddress = parsed.GetValue(_ip) ?? "",
            MerchantId = parsed.GetValue(_merchant) ?? "",
        };
    }
}
