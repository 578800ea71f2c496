using FraudScoring.Core.Payments;
using FraudScoring.Server.Api;
using FraudScoring.Server.Features;
using FraudScoring.Server.Scoring;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.Tests.Server.Api;

/// <summary>Maps faults of a request to a gRPC status: its code, message and length.</summary>
public sealed class RefusalTests
{
    [Test]
    public void Invalid_SeveralFaults_NamesThemAll()
    {
        var refusal = Refusal.Invalid([new Fault("amount", "is negative"), new Fault("currency", "is required")]);
        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refusal.Status.Detail,
            Does.Contain("amount").And.Contain("is negative").And.Contain("currency").And.Contain("is required"));
    }

    /// <summary>A status is sent in a header, which clients limit to 8 KiB. A character takes up to three bytes.</summary>
    [TestCase(1)]
    [TestCase(50)]
    [TestCase(10_000)]
    public void Invalid_AnyNumberOfFaults_FitsIntoAHeader(int faults)
    {
        var refusal = Refusal.Invalid([.. Enumerable.Range(0, faults).Select(i => new Fault($"inputs[{i}]", "must be something else"))]);
        Assert.That(refusal.Status.Detail, Has.Length.LessThanOrEqualTo(3_001).And.StartsWith("inputs[0]"));
        Assert.That(refusal.Status.Detail.EndsWith('…'), Is.EqualTo(faults > 100));
        var details = refusal.Trailers.GetValueBytes("grpc-status-details-bin")!;
        Assert.That(details, Has.Length.LessThanOrEqualTo(3_000));
        var violations = Google.Rpc.Status.Parser.ParseFrom(details).Details.Single().Unpack<Google.Rpc.BadRequest>().FieldViolations;
        Assert.That(violations[0], Is.EqualTo(new Google.Rpc.BadRequest.Types.FieldViolation
        {
            Field = "inputs[0]", Description = "must be something else",
        }));
        Assert.That(violations, Has.Count.EqualTo(Math.Min(faults, violations.Count)).And.Count.GreaterThanOrEqualTo(Math.Min(faults, 50)));
    }

    [Test]
    public void UnknownModel_WithAndWithoutModels_ListsThem()
    {
        var model = UserModelFiles.LoadShared("mlp.onnx");
        var refusal = Refusal.UnknownModel("model_name", [model, UserModelFiles.LoadShared("rank3-dynamic.onnx")]);
        Assert.That(refusal.StatusCode, Is.EqualTo(StatusCode.NotFound));
        Assert.That(refusal.Status.Detail, Does.StartWith("model_name").And.Contain($"{model.Id}").And.Contain("rank3-dynamic"));
        Assert.That(Refusal.UnknownModel("name", []).Status.Detail, Does.StartWith("name").And.Not.Contain("mlp"));
    }

    [Test]
    public void ModelThatDoesNotAnswer_IsNamed_WithTheCodeThatSaysWhetherToRetry()
    {
        var model = UserModelFiles.LoadShared("mlp.onnx");
        Assert.That(Refusal.NoAnswer(model, "returned NaN").StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(Refusal.NoAnswer(model, new string('x', 10_000)).Status.Detail,
            Has.Length.LessThanOrEqualTo(3_001).And.Contain($"{model.Id}"));
        Assert.That(Refusal.Quarantined(model).StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(Refusal.Quarantined(model).Status.Detail, Does.Contain($"{model.Id}"));
        Assert.That(Refusal.Busy(17).Status.Detail, Does.StartWith("17 ").And.Contain("Serving:MaxWaiting"));
    }

    [Test]
    public async Task EraseEntities_NotAllowed_IsPermissionDenied_WhateverIsAsked()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => Features().EraseAsync(new EraseEntitiesRequest(), default));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That(refused!.Status.Detail, Does.Contain("Redis:EraseAllowed"));
    }

    [Test]
    public Task EraseEntities_NoEntityNamed_IsInvalid() => AssertInvalidAsync(
        () => Features(eraseAllowed: true).EraseAsync(new EraseEntitiesRequest { Entities = new V1.EntityTokens() }, default),
        "card_token");

    [Test]
    public Task ShowFeatures_NoEntityNamed_IsInvalid() =>
        AssertInvalidAsync(() => Features().ShowFeatures(new ShowFeaturesRequest(), null!), "card_token");

    [TestCase(long.MaxValue, 0)]
    [TestCase(0, -1)]
    [TestCase(0, 2_000_000_000)]
    public Task ShowFeatures_InvalidTime_IsRefused(long seconds, int nanos)
    {
        var request = new ShowFeaturesRequest
        {
            At = new Timestamp { Seconds = seconds, Nanos = nanos }, Entities = new V1.EntityTokens { CardToken = "card" },
        };
        return AssertInvalidAsync(() => Features().ShowFeatures(request, null!), "at");
    }

    /// <summary>Kept-alive connections bring requests after the stop has begun.</summary>
    [Test]
    public async Task AnyRequest_WhileTheServiceStops_IsRefusedForARetryOnAnotherInstance()
    {
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        lifetime.StopApplication();
        var features = new FraudScoring.Server.Api.FeatureService(
            null!, null!, new RedisOptions { EraseAllowed = true }, new ScoringOptions(), lifetime, new FakeTimeProvider());
        var refused = await Assert.ThrowsAsync<RpcException>(() => features.EraseAsync(new(), default));
        Assert.That((refused!.StatusCode, refused.Status.Detail), Is.EqualTo((StatusCode.Unavailable, Refusal.Stopping().Status.Detail)));
    }

    private static async Task AssertInvalidAsync(Func<Task> call, string field)
    {
        var refused = await Assert.ThrowsAsync<InvalidRequestException>(() => call());
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused!.Status.Detail, Does.Contain(field));
    }

    /// <summary>A refused request reaches neither the deployment nor Redis, so both are null.</summary>
    private static FraudScoring.Server.Api.FeatureService Features(bool eraseAllowed = false)
    {
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        return new(null!, null!, new RedisOptions { EraseAllowed = eraseAllowed }, new ScoringOptions(), lifetime, new FakeTimeProvider());
    }
}
