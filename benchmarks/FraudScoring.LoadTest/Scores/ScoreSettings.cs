namespace FraudScoring.LoadTest.Scores;

/// <summary>What the load test of scoring can measure.</summary>
internal enum Scenario
{
    /// <summary>The service and the floor in turn.</summary>
    Pairs,

    /// <summary>An open loop at a moderate rate, with events and labels.</summary>
    Open,

    /// <summary>Open loops up to three times the peak.</summary>
    Overload,

    /// <summary>Open loops in which something happens that could hold payments up.</summary>
    Tail,
}

/// <summary>Servers and traffic of a run.</summary>
internal sealed record LoadSettings
{
    /// <summary>Address of Redis as host:port; empty to start one.</summary>
    public required string Redis { get; init; }

    /// <summary>Address of Kafka as host:port; empty to start one.</summary>
    public required string Kafka { get; init; }

    /// <summary>Whether the load test starts both.</summary>
    public bool HasOwnServers => Redis.Length == 0 && Kafka.Length == 0;

    /// <summary>Number of customers.</summary>
    public required int Customers { get; init; }

    /// <summary>Length of the history in days.</summary>
    public required int Days { get; init; }

    /// <summary>Number of connections.</summary>
    public required int Connections { get; init; }

    /// <summary>Whether payments are scored by ScoreStream.</summary>
    public required bool IsStreaming { get; init; }

    /// <summary>Seconds of warming up.</summary>
    public required int WarmUp { get; init; }
}

/// <summary>Settings of the command score.</summary>
internal sealed record ScoreSettings
{
    public required LoadSettings Load { get; init; }

    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    /// <summary>Number of pairs.</summary>
    public required int Pairs { get; init; }

    /// <summary>Length of a block of a pair in seconds.</summary>
    public required int Block { get; init; }

    /// <summary>Concurrent callers of the throughput blocks.</summary>
    public required int Callers { get; init; }

    /// <summary>Payments per second of the open loop and of the tail. 0: 30 % of the peak for the open loop, 500 for the tail.</summary>
    public required double Rate { get; init; }

    /// <summary>Length of the open loop in seconds.</summary>
    public required int Seconds { get; init; }

    /// <summary>Events per second of the open loop; null for the rate of the payments.</summary>
    public required double? EventRate { get; init; }

    /// <summary>Labels per second of the open loop; null for 1 % of the rate of the payments.</summary>
    public required double? LabelRate { get; init; }

    /// <summary>Length of each load of the overload in seconds.</summary>
    public required int OverloadSeconds { get; init; }

    /// <summary>Length of each load of the tail in seconds.</summary>
    public required int TailSeconds { get; init; }

    /// <summary>Delay of Redis in milliseconds; 0 for none.</summary>
    public required int RedisDelayMs { get; init; }

    /// <summary>Whether ratios are compared with their limits.</summary>
    public required bool IsChecked { get; init; }

    /// <summary>Folder of the record.</summary>
    public required DirectoryInfo Output { get; init; }
}
