using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace FraudScoring.TestKit.Services;

/// <summary>
/// A channel as clients are advised to configure it: what the service refuses because of load, or does not decide in time, is sent again,
/// after the time that a refusal names. A busy machine is thus no failure of a test.
/// </summary>
internal static class RetryingChannel
{
    public static GrpcChannelOptions Options { get; } = new()
    {
        ServiceConfig = new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    RetryPolicy = new RetryPolicy
                    {
                        MaxAttempts = 5, InitialBackoff = TimeSpan.FromMilliseconds(50), MaxBackoff = TimeSpan.FromSeconds(1),
                        BackoffMultiplier = 2, RetryableStatusCodes = { StatusCode.ResourceExhausted, StatusCode.DeadlineExceeded },
                    },
                },
            },
        },
    };
}
