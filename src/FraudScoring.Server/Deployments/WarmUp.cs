using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Scoring;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Scores a made-up payment many times before the port opens, so that the first real one meets compiled code and open connections.
/// Nothing of it is recorded or counted.
/// </summary>
internal sealed class WarmUp(DeploymentHost lines, TimeProvider time) : IHostedService
{
    private const int Payments = 300;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var line in lines.All)
        {
            for (var i = 0; i < Payments && !cancellationToken.IsCancellationRequested; i++)
            {
                await ScoreAsync(line);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task ScoreAsync(Deployment line)
    {
        var message = new Payment
        {
            TransactionId = "rehearsal",
            EventTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            Amount = "1",
            Currency = line.Catalogue.ReferenceCurrency.Code,
            CardToken = "rehearsal",
            AccountToken = "rehearsal",
            DeviceToken = "rehearsal",
            IpAddress = "192.0.2.1",
            MerchantId = "rehearsal",
            Channel = Channel.Ecommerce,
        };
        var context = line.Contexts.Get();
        context.IsRehearsal = true;
        context.Clock.Start();
        context.Payment = PaymentReader.Read(message, new(), time.GetUtcNow().ToUnixTimeMilliseconds(), out _)!;
        context.Amount = context.Payment.AmountMinor;
        context.Clock.Mark(ScoringStage.Validate);
        var response = await line.Scorer.ScoreAsync(context, message, ExplainWhen.Always, Limit);
        response.CalculateSize();
        line.Contexts.Return(context);
    }
}
