using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Grpc.Core;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>The JSON API: what it accepts, and how it names what it does not.</summary>
public sealed class JsonApiTests
{
    private const string CardNumber = "4111111111111111";

    private readonly Backends _backends = Backends.Real();
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await _backends.StartAsync();
        _service = await ServiceUnderTest.StartAsync(_backends, ("Scoring:BudgetMs", "5000"), ("Redis:ReadTimeoutMs", "2000"),
            ("Admission:TargetWaitMs", "1000"), ("Scoring:IdempotencySeconds", "300"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    /// <summary>Numbers, short names and another spelling of the time are the same payment as over gRPC.</summary>
    [Test]
    public async Task Score_InTheFormsOfJson_IsTheSamePaymentAsOverGrpc([Values] bool http2)
    {
        var payment = ServiceUnderTest.NewPayment($"json-{http2}");
        var first = await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment });
        var time = payment.EventTime.ToDateTimeOffset().ToOffset(TimeSpan.FromHours(1)).ToString("yyyy-MM-dd't'HH:mm:ss.fffffffzzz");
        var json = $$"""
            {"payment":{"transactionId":"{{payment.TransactionId}}","event_time":"{{time}}","amount":49.90,"currency":"EUR",
             "card_token":"{{payment.CardToken}}","accountToken":"{{payment.AccountToken}}","device_token":"{{payment.DeviceToken}}",
             "ip_address":"{{payment.IpAddress}}","merchant_id":"merchant-1","merchant_category":"5732","country":"DE",
             "channel":"Ecommerce","location":null},"explain":"always"}
            """;
        using var response = await PostAsync("/v1/score", json, http2);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), answer.ToString());
            Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/json"));
            Assert.That(answer.GetProperty("replayed").GetBoolean(), Is.True);
            Assert.That(answer.GetProperty("assessment").GetProperty("decisionId").GetString(), Is.EqualTo(first.Assessment.DecisionId));
        }
    }

    [Test]
    public async Task Score_AFaultyPayment_IsRefusedWithEveryFaultByField_AndNoValue([Values] bool http2)
    {
        var json = $$"""
            {"payment":{"transaction_id":"json-bad","event_time":"2026-11-28 19:40:36","amount":true,"currency":"ZZZ",
             "card_token":"{{CardNumber}}","{{CardNumber}}":1,"device-token":"device-1","merchant_id":["{{CardNumber}}"],
             "channel":"{{CardNumber}}"},"explain":"sometimes"}
            """;
        using var response = await PostAsync("/v1/score", json, http2);
        var text = await response.Content.ReadAsStringAsync();
        var error = Google.Rpc.Status.Parser.ParseJson(WithoutType(text));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(error.Code, Is.EqualTo((int)StatusCode.InvalidArgument));
            Assert.That(FieldsOf(text), Is.EqualTo(new[]
            {
                "payment.event_time", "payment.amount", "payment.?", "payment.device-token", "payment.merchant_id", "payment.channel",
                "explain", "payment.currency", "payment.card_token",
            }));
            Assert.That(FieldsOf(text), Is.All.Matches<string>(field => error.Message.Contains($"{field}: ", StringComparison.Ordinal)));
            Assert.That(text, Does.Not.Contain("4111").And.Not.Contain("19:40:36\"").And.Not.Contain("ZZZ"));
        }
    }

    [Test]
    public async Task Score_AFaultyPaymentOverGrpc_HasTheSameDetails()
    {
        var payment = ServiceUnderTest.NewPayment("grpc-bad");
        (payment.Currency, payment.MerchantId) = ("ZZZ", "");
        var refused = (await Assert.ThrowsAsync<RpcException>(
            async () => await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment })))!;
        var status = Google.Rpc.Status.Parser.ParseFrom(refused.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.That(status.Details.Single().Unpack<Google.Rpc.BadRequest>().FieldViolations.Select(violation => violation.Field),
            Is.EqualTo(new[] { "payment.currency", "payment.merchant_id" }));
    }

    [TestCase("/v1/features:show", """{"at":"yesterday","entities":{"card_token":"4111111111111111"}}""", "at,entities.card_token")]
    [TestCase("/v1/features:show", """{"at":"1969-01-01T00:00:00Z"}""", "at,entities.card_token")]
    [TestCase("/v1/entities:erase", """{"entity":{"card_token":"c"}}""", "entity,entities.card_token")]
    [TestCase("/v1/score", "{}", "payment")]
    [TestCase("/v1/score", """{"payment":[]}""", "payment")]
    [TestCase("/v1/score", """{"payment":{"amount":1,}}""", "body")]
    [TestCase("/v1/score", "", "body")]
    public async Task Post_AnInvalidRequest_NamesEveryFault(string path, string json, string fields)
    {
        using var response = await PostAsync(path, json);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), text);
        Assert.That(string.Join(',', FieldsOf(text)), Is.EqualTo(fields));
    }

    [Test]
    public async Task ShowFeatures_AsJson_Answers()
    {
        using var response = await PostAsync("/v1/features:show", """{"entities":{"card_token":"card-of-json"}}""");
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.GetProperty("features").GetArrayLength(), Is.GreaterThan(3));
        Assert.That(answer.GetProperty("lagSeconds").ValueKind, Is.EqualTo(JsonValueKind.Number));
    }

    [Test]
    public async Task EraseEntities_WhereItIsNotAllowed_Is403()
    {
        using var response = await PostAsync("/v1/entities:erase", """{"entities":{"card_token":"card-of-json"}}""");
        await AssertErrorAsync(response, HttpStatusCode.Forbidden, StatusCode.PermissionDenied, "Redis:EraseAllowed");
    }

    [Test]
    public async Task Score_AnUnknownModel_Is404()
    {
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("json-model"), Model = "none" };
        using var response = await PostAsync("/v1/score", Google.Protobuf.JsonFormatter.Default.Format(request));
        await AssertErrorAsync(response, HttpStatusCode.NotFound, StatusCode.NotFound, "payments");
    }

    [TestCase("text/plain", null, "Content-Type")]
    [TestCase("", null, "Content-Type")]
    [TestCase("application/json; charset=utf-16", null, "charset")]
    [TestCase("application/json", "gzip", "Content-Encoding")]
    public async Task Post_AnotherFormatOrEncoding_Is415(string type, string? encoding, string named)
    {
        using var body = new ByteArrayContent("{}"u8.ToArray());
        body.Headers.ContentType = type.Length == 0 ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            body.Headers.ContentEncoding.Add(encoding);
        }
        using var response = await _service.Http.PostAsync("/v1/score", body);
        await AssertErrorAsync(response, HttpStatusCode.UnsupportedMediaType, StatusCode.InvalidArgument, named);
    }

    [Test]
    public async Task Post_ABodyAboveTheLimit_Is413_AndNamesTheLimit([Values] bool http2)
    {
        using var response = await PostAsync("/v1/score", $$"""{"model":"{{new string('x', 70_000)}}"}""", http2);
        await AssertErrorAsync(response, HttpStatusCode.RequestEntityTooLarge, StatusCode.ResourceExhausted, "65536");
    }

    [Test]
    public async Task Post_AnUnknownPath_Is404()
    {
        using var response = await PostAsync("/v1/scores", "{}");
        await AssertErrorAsync(response, HttpStatusCode.NotFound, StatusCode.Unimplemented, "/openapi.json");
    }

    [Test]
    public async Task Get_IsNotAllowed()
    {
        using var response = await _service.Http.GetAsync("/v1/score");
        Assert.That(response.Content.Headers.Allow, Is.EqualTo(new[] { "POST" }));
        await AssertErrorAsync(response, HttpStatusCode.MethodNotAllowed, StatusCode.Unimplemented, "POST");
    }

    [Test]
    public async Task OpenApi_IsServed() => Assert.That(
        await _service.Http.GetStringAsync("/openapi.json"), Is.EqualTo(await File.ReadAllTextAsync(RepositoryFiles.Path("protos", "openapi.json"))));

    [Test]
    public async Task UnknownFields_AreSkipped_WhereTheOptionSaysSo()
    {
        await using var lenient = await ServiceUnderTest.StartAsync(_backends, ("Listen:IgnoreUnknownFields", "true"),
            ("Admission:TargetWaitMs", "1000"), ("Kafka:GroupId", _backends.Prefix + "lenient"),
            ("Scoring:BudgetMs", "5000"), ("Redis:ReadTimeoutMs", "2000"));
        var json = Google.Protobuf.JsonFormatter.Default.Format(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("lenient") })
            .Replace("\"currency\"", "\"colour\": [1], \"currency\"", StringComparison.Ordinal);
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await lenient.Http.PostAsync("/v1/score", body);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), await response.Content.ReadAsStringAsync());
    }

    private static IEnumerable<string> FieldsOf(string error) => JsonDocument.Parse(error).RootElement.GetProperty("details")[0]
        .GetProperty("fieldViolations").EnumerateArray().Select(violation => violation.GetProperty("field").GetString()!);

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode http, StatusCode code, string named)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(http), text);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/json"));
        var error = Google.Rpc.Status.Parser.ParseJson(text);
        Assert.That((error.Code, error.Details.Count), Is.EqualTo(((int)code, 0)));
        Assert.That(error.Message, Does.Contain(named));
    }

    // The parser of protobuf would need a registry of the types of details.
    private static string WithoutType(string error)
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(error)!;
        json["details"] = new System.Text.Json.Nodes.JsonArray();
        return json.ToJsonString();
    }

    /// <summary>Sends a request to the port of JSON, or over HTTP/2 to that of gRPC.</summary>
    private async Task<HttpResponseMessage> PostAsync(string path, string json, bool http2 = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, http2 ? $"http://{_service.Addresses.Grpc}{path}" : path);
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (http2)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }
        return await _service.Http.SendAsync(request);
    }
}
