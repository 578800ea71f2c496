using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.Logging;

namespace FraudScoring.Tests;

/// <summary>The contracts that others rely on, one per line, derived from the code.</summary>
internal static partial class FrozenContracts
{
    /// <summary>Option records, one per configuration section.</summary>
    public static IReadOnlyList<(string Section, Type Type)> OptionRecords { get; } =
        [.. from type in typeof(KafkaOptions).Assembly.GetTypes()
            where type.Name.EndsWith("Options", StringComparison.Ordinal)
            let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
            where section is not null
            orderby section
            select (section, type)];

    public static IEnumerable<string> Protos() => new[]
        {
            V1.PaymentReflection.Descriptor, V1.DecisionReflection.Descriptor, V1.EventsReflection.Descriptor,
            V1.ScoringReflection.Descriptor, V1.FeaturesReflection.Descriptor, Oip.InferenceReflection.Descriptor,
        }.SelectMany(file => file.MessageTypes.SelectMany(Message).Concat(file.EnumTypes.SelectMany(Enumeration))
            .Concat(file.Services.SelectMany(Service)));

    public static IEnumerable<string> Options() => OptionDefaults().Select(option => $"{option.Name} = {option.Default}");

    /// <summary>Every option as Section:Option, and its default as it is written in appsettings.json. Ordered by section.</summary>
    public static IEnumerable<(string Name, string Default)> OptionDefaults() =>
        from record in OptionRecords
        let defaults = Activator.CreateInstance(record.Type)
        from property in Settable(record.Type)
        select ($"{record.Section}:{property.Name}", Text(property.GetValue(defaults)));

    public static IEnumerable<PropertyInfo> Settable(Type options) =>
        options.GetProperties().Where(p => p.CanWrite);

    /// <summary>
    /// Metric names, types and label names. The service's own collectors declare their label names. Those of the library expose them only
    /// on samples.
    /// </summary>
    public static async Task<IEnumerable<string>> Metrics()
    {
        RuntimeHelpers.RunClassConstructor(typeof(ServerMetrics).TypeHandle);
        var labels = typeof(ServerMetrics).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null))
            .OfType<Prometheus.Collector>()
            .ToDictionary(c => c.Name, c => c.LabelNames);
        using var stream = new MemoryStream();
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(stream);
        var lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n');
        return lines.Select(line => TypeLine().Match(line)).Where(m => m.Success).Select(m =>
        {
            var name = m.Groups["name"].Value;
            var names = labels.TryGetValue(name, out var declared) ? declared : LabelsOf(lines, name);
            return $"{name}{{{string.Join(',', names)}}} {m.Groups["type"].Value}";
        }).Order(StringComparer.Ordinal);
    }

    /// <summary>Events of the service log. Level none means that the caller chooses the level.</summary>
    public static IEnumerable<string> LogEvents() => LoggedEvents().OrderBy(logged => logged.Event.EventId).Select(logged =>
    {
        var level = logged.Event.Level == LogLevel.None ? "-" : logged.Event.Level.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{logged.Event.EventId} {level} {logged.Name}: {logged.Event.Message}");
    });

    public static IEnumerable<(string Name, LoggerMessageAttribute Event)> LoggedEvents() =>
        from method in typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.Static)
        let logged = method.GetCustomAttribute<LoggerMessageAttribute>()
        where logged is not null
        select (logged.EventName ?? method.Name, logged);

    /// <summary>Default topic names, and the headers of dead letters.</summary>
    public static IEnumerable<string> Topics()
    {
        var kafka = new KafkaOptions();
        return
        [
            kafka.TransactionsTopic, kafka.LabelsTopic, kafka.DecisionsTopic,
            kafka.DeadLetterTopic(kafka.TransactionsTopic), kafka.DeadLetterTopic(kafka.LabelsTopic),
            .. typeof(DeadLetterProducer).GetFields().Where(f => f.Name.EndsWith("Header", StringComparison.Ordinal))
                .Select(f => $"header {f.GetRawConstantValue()}"),
        ];
    }

    /// <summary>The Redis keys of a known payment with a known secret: prefix, profile layout, entity, keyed hash.</summary>
    public static IEnumerable<string> RedisKeys()
    {
        var catalogue = TestCatalogues.Served;
        var names = new ProfileKeys(catalogue, new EntityHasher("0123456789abcdef"u8), new RedisOptions().KeyPrefix, new Erasures());
        var keys = new EntityKey[catalogue.Entities.Count];
        names.HashEntities(TestPayments.Full("t", 1), keys);
        var transaction = names.HashTransaction("t");
        return
        [
            .. keys.Select((key, entity) => (string)names.Name(entity, key)!),
            (string)ProfileKeys.AttemptsOf(names.Name(0, keys[0]))!, (string)names.Transaction(transaction)!,
            (string)names.Marker(transaction.Bucket)!, (string)names.Version(transaction.Bucket)!,
            (string)names.Parked(transaction.Bucket)!, (string)names.Freshness!, (string)names.History!,
            (string)names.Answer(transaction)!,
        ];
    }

    public static IEnumerable<string> Features() =>
        TestCatalogues.Served.Features.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Index} {f.Name} {f.Reason ?? "-"}"));

    public static IEnumerable<string> ReasonCodes()
    {
        var policy = PolicyReader.Parse(RepositoryFiles.Bytes("models", "policy.json"), TestCatalogues.Served, new())!;
        return [.. TestCatalogues.Served.Reasons.Keys.Concat(policy.Rules.Select(r => r.Code)).Append(ReasonSelector.BlockedCode)
            .Append(ReasonSelector.TrustedCode)
            .Order(StringComparer.Ordinal)];
    }

    public static IEnumerable<string> Stages() =>
        ScoringStages.Names.Select((name, i) => string.Create(CultureInfo.InvariantCulture, $"{i} {name}"))
            .Concat(IngestStages.Names.Select((name, i) => string.Create(CultureInfo.InvariantCulture, $"ingest {i} {name}")));

    private static string Text(object? value) => value switch
    {
        null => "null",
        string or Enum => $"\"{value}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static IEnumerable<string> Message(MessageDescriptor message) => message.Fields.InFieldNumberOrder()
        .Select(field => string.Create(CultureInfo.InvariantCulture, $"{message.FullName} {field.FieldNumber} {field.Name} {Kind(field)}"))
        .Concat(message.NestedTypes.Where(nested => !nested.GetOptions()?.MapEntry ?? true).SelectMany(Message))
        .Concat(message.EnumTypes.SelectMany(Enumeration));

    private static string Kind(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return $"map<{Kind(field.MessageType.FindFieldByNumber(1))}, {Kind(field.MessageType.FindFieldByNumber(2))}>";
        }
        var kind = field.FieldType switch
        {
            FieldType.Message => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            _ => field.FieldType.ToString().ToLowerInvariant(),
        };
        return (field.IsRepeated ? "repeated " : field.HasPresence && field.RealContainingOneof is null
            && field.FieldType != FieldType.Message ? "optional " : "") + kind
            + (field.RealContainingOneof is { } oneof ? $" (oneof {oneof.Name})" : "");
    }

    private static IEnumerable<string> Enumeration(EnumDescriptor values) =>
        values.Values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{values.FullName} {value.Number} {value.Name}"));

    private static IEnumerable<string> Service(ServiceDescriptor service) => service.Methods.Select(method =>
        $"{service.FullName}.{method.Name}({(method.IsClientStreaming ? "stream " : "")}{method.InputType.FullName}) "
            + $"{(method.IsServerStreaming ? "stream " : "")}{method.OutputType.FullName}");

    private static IEnumerable<string> LabelsOf(string[] lines, string name) => lines
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .SelectMany(line => LabelName().Matches(line).Select(m => m.Groups[1].Value))
        .Where(label => label != "le").Distinct();

    [GeneratedRegex(@"^# TYPE (?<name>fraud_\w+) (?<type>\w+)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("[{,](\\w+)=\"")]
    private static partial Regex LabelName();
}
