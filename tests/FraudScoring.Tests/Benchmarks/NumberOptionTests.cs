using FraudScoring.LoadTest;

namespace FraudScoring.Tests.Benchmarks;

public sealed class NumberOptionTests
{
    [TestCase("ingest --rate 0", "--rate must be a whole number from 1.")]
    [TestCase("ingest --warm-up -1", "--warm-up must be a whole number from 0.")]
    [TestCase("spool --rounds x", "--rounds must be a whole number from 1.")]
    [TestCase("swaps --swaps 1.5", "--swaps must be a whole number from 1.")]
    [TestCase("crossover --milliseconds 99999999999", "--milliseconds must be a whole number from 1.")]
    public void Parse_AnyFault_NamesTheOptionAndItsRange(string command, string message)
    {
        var errors = LoadTestCommand.Create().Parse(command.Split(' ')).Errors;
        Assert.That(errors.Select(error => error.Message), Is.EqualTo(new[] { message }));
    }
}
