using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using FraudScoring.Server.Kafka;

namespace FraudScoring.IntegrationTests.Streams;

/// <summary>
/// Puts a producer's Kafka client into the fatal state that it enters when brokers lose acknowledged records: every later call fails.
/// librdkafka has a function for this that the .NET client does not expose.
/// </summary>
internal static class BrokenClient
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    public static void Break(DecisionProducer producer)
    {
        var outbox = typeof(DecisionProducer).GetField("_outbox", Hidden)!.GetValue(producer)!;
        var sender = outbox.GetType().GetField("_client", Hidden)!.GetValue(outbox);
        var client = (IClient)typeof(OutboxClient).GetField("_client", Hidden)!.GetValue(sender)!;
        var handle = (SafeHandle)typeof(Handle).GetProperty("LibrdkafkaHandle", Hidden)!.GetValue(client.Handle)!;
        using var process = Process.GetCurrentProcess();
        var library = process.Modules.Cast<ProcessModule>()
            .First(module => module.ModuleName.Contains("librdkafka", StringComparison.Ordinal));
        var address = NativeLibrary.GetExport(NativeLibrary.Load(library.FileName), "rd_kafka_test_fatal_error");
        var raise = Marshal.GetDelegateForFunctionPointer<RaiseFatalError>(address);
        Assert.That(raise(handle.DangerousGetHandle(), (int)ErrorCode.OutOfOrderSequenceNumber, "records were lost"), Is.Zero);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int RaiseFatalError(nint client, int error, [MarshalAs(UnmanagedType.LPUTF8Str)] string reason);
}
