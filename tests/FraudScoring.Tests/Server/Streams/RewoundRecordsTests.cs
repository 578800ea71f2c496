using Confluent.Kafka;
using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>Records that are read again, however often Redis loses data meanwhile, are not sent to the dead-letter topic again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RewoundRecordsTests
{
    private static readonly TopicPartition Partition = new("topic", 1);

    private readonly RewoundRecords _rewound = new();

    [Test]
    public void Contains_RecordsBeforeTheRewind_AndNoOthers()
    {
        _rewound.Rewind(Partition, 10);
        Assert.That((Contains(9), Contains(10)), Is.EqualTo((true, false)));
        Assert.That(_rewound.Contains(new TopicPartitionOffset("topic", 2, 9)), Is.False);
    }

    [Test]
    public void Rewind_AgainDuringARewind_KeepsTheFirstOffset()
    {
        _rewound.Rewind(Partition, 10);
        _rewound.Rewind(Partition, 4);
        Assert.That((Contains(9), Contains(10)), Is.EqualTo((true, false)));
        _rewound.Rewind(Partition, 12);
        Assert.That(Contains(11), Is.True);
    }

    [Test]
    public void Forget_OfARecreatedTopic_LeavesNothing()
    {
        _rewound.Rewind(Partition, 10);
        _rewound.Forget(Partition);
        Assert.That(Contains(3), Is.False);
    }

    private bool Contains(long offset) => _rewound.Contains(new TopicPartitionOffset(Partition, offset));
}
