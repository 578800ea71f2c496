using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Api;
using FraudScoring.Server.Api.Json;
using FraudScoring.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.Tests.Documentation.OpenApi;

/// <summary>The examples of the document. Answers are written as the service writes them.</summary>
internal static class OpenApiExamples
{
    private static readonly Timestamp Time = Timestamp.FromDateTime(new DateTime(2026, 11, 28, 19, 40, 36, DateTimeKind.Utc));

    public static JsonNode RequestOf(MethodDescriptor method) => JsonNode.Parse(method.Name switch
    {
        "Score" => """
            {"payment": {"transaction_id": "tx-1", "event_time": "2026-11-28T19:40:36Z", "amount": "249.90", "currency": "EUR",
              "card_token": "card-1", "account_token": "account-1", "device_token": "device-1", "ip_address": "203.0.113.7",
              "merchant_id": "merchant-1", "merchant_category": "5732", "country": "DE", "channel": "ecommerce",
              "location": {"latitude": 52.52, "longitude": 13.405}, "attributes": {"basket_items": {"number": 3}}},
             "explain": "always"}
            """,
        _ => """{"entities": {"card_token": "card-1", "device_token": "device-1"}}""",
    })!;

    public static JsonNode AnswerOf(MethodDescriptor method) => JsonNode.Parse(JsonAnswer.Format(method.Name switch
    {
        "Score" => new ScoreResponse
        {
            Assessment = new Assessment
            {
                TransactionId = "tx-1", FraudProbability = 0.043, Decision = Decision.Review,
                Reasons = { new Reason { Code = "CARD_VELOCITY", Text = "Many payments with the card in a short time", Contribution = 1.7 } },
                MemberScores = { new MemberScore { Member = "trees", Margin = -3.2 } }, Model = "payments", ModelVersion = "1",
                CatalogueHash = new string('0', 64), PolicyHash = new string('0', 64), Degradation = Degradation.None,
                DecisionId = "019a0000-0000-7000-8000-000000000001",
            },
        },
        "ShowFeatures" => new ShowFeaturesResponse
        {
            Features =
            {
                new FeatureReading
                {
                    Name = "card_payments_1h", Entity = "card", Value = 2, Unit = "payments", WindowSeconds = 3600, AgeSeconds = 60,
                    State = FeatureState.Present, Text = "Payments with the card in the last hour",
                },
            },
            CatalogueHash = new string('0', 64), HistorySince = Time,
        },
        _ => (IMessage)new EraseEntitiesResponse
        {
            ReceiptId = "019a0000-0000-7000-8000-000000000002", ErasedAt = Time,
            Erased = { new ErasedEntities { Entity = "card", Layout = "0123abcd", Profiles = 1 } },
        },
    }))!;

    /// <summary>What the service answers to a payment with several faults; null for other methods.</summary>
    public static JsonNode? FaultsOf(MethodDescriptor method)
    {
        if (method.Name != "Score")
        {
            return null;
        }
        var (request, faults, validation) = (new ScoreRequest(), new Faults(), new Faults());
        JsonMessage.Read("""
            {"payment": {"transaction_id": "tx-1", "event_time": "2026-11-28 19:40:36", "amount": "-1", "currency": "EUR",
              "card_token": "card-1", "merchantid": "merchant-1", "channel": "online"}}
            """u8, request, ignoresUnknown: false, faults);
        PaymentReader.Parse(request.Payment, PaymentLimits.AnyTime, 0, validation);
        JsonMessage.Merge(faults, validation);
        var refusal = Refusal.Invalid(faults);
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        JsonAnswer.WriteErrorAsync(context, StatusCodes.Status400BadRequest, refusal.StatusCode, refusal.Status.Detail, refusal.Faults)
            .GetAwaiter().GetResult();
        return JsonNode.Parse(Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()));
    }
}
