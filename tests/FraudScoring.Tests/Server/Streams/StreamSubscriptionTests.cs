using Confluent.Kafka;
using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

public sealed class StreamSubscriptionTests
{
    /// <summary>The client never chooses an offset by itself, so the one that it is given must exist.</summary>
    [TestCase(-1001, 0, 9, 0, TestName = "StartOf_AGroupWithoutACommit_IsTheBeginning")]
    [TestCase(-1001, 5, 9, 5, TestName = "StartOf_AGroupWithoutACommit_OfALogThatBeginsLate_IsItsBeginning")]
    [TestCase(7, 5, 9, 7, TestName = "StartOf_ACommit_IsTheCommit")]
    [TestCase(5, 5, 5, 5, TestName = "StartOf_ACommit_OfAnEmptyLog_IsTheCommit")]
    [TestCase(4, 5, 9, 5, TestName = "StartOf_ACommit_BeforeTheLog_IsTheBeginning")]
    [TestCase(10, 5, 9, 5, TestName = "StartOf_ACommit_BehindTheLog_IsTheBeginning")]
    public void StartOf(long committed, long low, long high, long expected) =>
        Assert.That(StreamSubscription.StartOf(committed, new WatermarkOffsets(low, high)).Value, Is.EqualTo(expected));
}
