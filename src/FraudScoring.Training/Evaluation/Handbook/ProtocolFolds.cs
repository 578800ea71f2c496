using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Which splits are evaluated.</summary>
internal enum FoldSet
{
    /// <summary>The one split of the Handbook's third chapter.</summary>
    Single,

    /// <summary>The four test splits of its fifth chapter, of which the single one is the first.</summary>
    Prequential,

    /// <summary>The four, and the single one by itself as well.</summary>
    Both,

    /// <summary>Four splits before all that is tested: to choose parameters and features on.</summary>
    Validation,
}

/// <summary>The Handbook's dates.</summary>
internal static class ProtocolFolds
{
    private const int Prequential = 4;

    /// <summary>First and last day of the Handbook's payments.</summary>
    private static readonly DateOnly First = new(2018, 4, 1), Last = new(2018, 9, 30);

    /// <summary>First day of the single split's test.</summary>
    private static readonly DateOnly Test = new(2018, 8, 8);

    /// <summary>The splits, the earliest first.</summary>
    /// <param name="set">Which.</param>
    /// <param name="testDay">First day of the single split's test.</param>
    public static IReadOnlyList<ProtocolFold> Create(FoldSet set, int testDay) => set switch
    {
        FoldSet.Single => [new ProtocolFold(testDay)],
        // The last of them tests on the week that the single split learns from.
        FoldSet.Validation => [.. Weeks(testDay - (2 * ProtocolFold.Week) - ((Prequential - 1) * ProtocolFold.Week))],
        _ => [.. Weeks(testDay)],
    };

    /// <summary>First day of the single split's test: as given, else the Handbook's if the log is of its span.</summary>
    /// <exception cref="ArgumentException">It was not given, and the log is of another span.</exception>
    public static int TestDay(LabelBook book, DateOnly? given)
    {
        if (given is { } date)
        {
            return ProtocolFold.DayOf(date);
        }
        var (first, last) = Span(book);
        return (first, last) == (ProtocolFold.DayOf(First), ProtocolFold.DayOf(Last))
            ? ProtocolFold.DayOf(Test)
            : throw new ArgumentException(new Fault("--test-start",
                $"must be given: the log's payments are of {ProtocolFold.Date(first)} to {ProtocolFold.Date(last)}, not the Handbook's "
                + $"{ProtocolFold.Date(ProtocolFold.DayOf(First))} to {ProtocolFold.Date(ProtocolFold.DayOf(Last))}").ToString());
    }

    /// <summary>Everything the log is too short for, at once.</summary>
    /// <param name="folds">The splits.</param>
    /// <param name="trainDays">Days to learn from.</param>
    /// <param name="book">The log's span.</param>
    /// <exception cref="ArgumentException">With all faults.</exception>
    public static void Check(IReadOnlyList<ProtocolFold> folds, int trainDays, LabelBook book)
    {
        var (first, last) = Span(book);
        var faults = new Faults();
        foreach (var fold in folds)
        {
            Check(fold, trainDays, first, last, faults);
        }
        faults.ThrowIfAny();
    }

    private static IEnumerable<ProtocolFold> Weeks(int first) =>
        Enumerable.Range(0, Prequential).Select(week => new ProtocolFold(first + (week * ProtocolFold.Week)));

    private static void Check(ProtocolFold fold, int trainDays, int first, int last, Faults faults)
    {
        var name = $"test of {ProtocolFold.Date(fold.TestDay)}";
        if (fold.TrainDay(trainDays) < first)
        {
            faults.Add(name, $"{trainDays} days to learn from begin on {ProtocolFold.Date(fold.TrainDay(trainDays))}, before the log's first "
                + $"payment on {ProtocolFold.Date(first)}; give a later --test-start or fewer --train-days");
        }
        if (fold.EndDay > last + 1)
        {
            faults.Add(name, $"ends on {ProtocolFold.Date(fold.EndDay - 1)}, after the log's last payment on {ProtocolFold.Date(last)}; "
                + "give an earlier --test-start");
        }
    }

    private static (int First, int Last) Span(LabelBook book) => book.Payments == 0
        ? throw new InvalidDataException("the log holds no payments")
        : (ProtocolFold.DayOf(book.FirstMs), ProtocolFold.DayOf(book.LastMs));
}
