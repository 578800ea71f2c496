using FraudScoring.Server.Rollout;

namespace FraudScoring.Tests.Server.Rollout;

public sealed class QuietThreadTests
{
    [Test]
    public async Task RunAsync_Work_IsDoneOnAThreadOfItsOwnThatGivesWay()
    {
        var (here, there, nice) = (Environment.CurrentManagedThreadId, 0, "");
        await QuietThread.RunAsync(() =>
        {
            there = Environment.CurrentManagedThreadId;
            // The 19th field of stat, of which the second is a name in brackets.
            nice = OperatingSystem.IsLinux() ? File.ReadAllText("/proc/thread-self/stat").Split(')')[^1].Split(' ')[17] : "19";
        });
        Assert.That(there, Is.Not.Zero.And.Not.EqualTo(here));
        Assert.That(nice, Is.EqualTo("19"));
    }

    [Test]
    public void RunAsync_WorkThatFails_TellsItsCaller() =>
        Assert.That(async () => await QuietThread.RunAsync(() => throw new InvalidDataException("no")), Throws.InstanceOf<InvalidDataException>());
}
