using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Scoring;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Scores a generated payment many times before the ports open, so that the first real one meets compiled code and open connections. No
/// decision is published or counted, and nothing is stored in Redis. The metrics of Redis reads and of model runs do count it.
/// </summary>
internal static class WarmUp
{
    private const int Payments = 300;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(IEnumerable<Deployment> deployments, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var deployment in deployments)
        {
            for (var i = 0; i < Payments && !cancellationToken.IsCancellationRequested; i++)
            {
                await ScoreAsync(deployment, time);
            }
        }
    }

    private static async Task ScoreAsync(Deployment deployment, TimeProvider time)
    {
        var message = new Payment
        {
            TransactionId = "warm-up",
            EventTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            Amount = "1",
            Currency = deployment.Catalogue.ReferenceCurrency.Code,
            CardToken = "warm-up",
            AccountToken = "warm-up",
            DeviceToken = "warm-up",
            IpAddress = "192.0.2.1",
            MerchantId = "warm-up",
            Channel = Channel.Ecommerce,
        };
        var context = deployment.Contexts.Get();
        var now = time.GetTimestamp();
        context.Call = new PaymentCall(now, AdmissionControl.TicksOf(Limit), CancellationToken.None);
        context.IsWarmUp = true;
        context.Clock.Start();
        context.Payment = PaymentReader.Parse(message, new(), time.GetUtcNow().ToUnixTimeMilliseconds(), [])!;
        context.Rates = deployment.Models.Rates.Current;
        context.Amount = context.Rates.Convert(context.Payment);
        context.Clock.Mark(ScoringStage.Validate);
        var response = await deployment.Scorer.ScoreAsync(context, message, ExplainWhen.Always);
        response?.CalculateSize();
        deployment.Contexts.Return(context);
    }
}
