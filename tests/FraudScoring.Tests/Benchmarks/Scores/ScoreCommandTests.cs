using FraudScoring.LoadTest;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class ScoreCommandTests
{
    [Test]
    public void Parse_EveryOptionWrong_NamesAllFaults()
    {
        var errors = Errors("score --pairs 6 --block 0 --callers x --rate -1 --seconds 0 --event-rate many --scenario pairs,peak,2 "
            + "--overload-seconds 0 --tail-seconds 0 --redis-delay -1 --customers 0 --days 0 --connections 0 --warm-up 0");
        string[] options =
        [
            "--pairs must be a whole number from 7", "--block", "--callers", "--rate must be a number from 0", "--seconds", "--event-rate",
            "--scenario does not know peak, 2; it knows pairs, open, overload and tail", "--overload-seconds", "--tail-seconds", "--redis-delay",
            "--customers", "--days", "--connections", "--warm-up",
        ];
        Assert.That(options.Where(option => !errors.Any(error => error.StartsWith(option, StringComparison.Ordinal))), Is.Empty);
        Assert.That(errors, Has.Length.EqualTo(options.Length));
    }

    [TestCase("score --scenario pairs,OPEN --scenario overload --rate 12.5 --label-rate 0")]
    [TestCase("score")]
    [TestCase("soak --minutes 1")]
    public void Parse_ValidOptions_HasNoErrors(string command) => Assert.That(Errors(command), Is.Empty);

    [Test]
    public void Parse_SoakOptionsWrong_NamesAllFaults() => Assert.That(Errors("soak --minutes 0 --rate 0"), Has.Length.EqualTo(2));

    private static string[] Errors(string command) =>
        [.. LoadTestCommand.Create().Parse(command.Split(' ')).Errors.Select(error => error.Message)];
}
