using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>Sets of splits of the Handbook's protocol.</summary>
internal enum FoldSet
{
    /// <summary>The single split of the Handbook's chapter 3.</summary>
    Single,

    /// <summary>The four prequential test splits of chapter 5; the first is the single split.</summary>
    Prequential,

    /// <summary>The four prequential splits, with the single split reported separately as well.</summary>
    Both,

    /// <summary>Four splits before the test weeks, for choosing parameters and features.</summary>
    Validation,
}

/// <summary>The splits of the Handbook's protocol and their dates.</summary>
internal static class ProtocolFolds
{
    private const int Prequential = 4;

    // First and last day of the Handbook's data set.
    private static readonly DateOnly First = new(2018, 4, 1), Last = new(2018, 9, 30);

    // First test day of the Handbook's single split.
    private static readonly DateOnly Test = new(2018, 8, 8);

    /// <summary>Creates the splits of a set, earliest first.</summary>
    /// <param name="set">The set.</param>
    /// <param name="testDay">First test day of the single split.</param>
    public static IReadOnlyList<ProtocolFold> Create(FoldSet set, int testDay) => set switch
    {
        FoldSet.Single => [new ProtocolFold(testDay)],
        // The last validation split tests on the training week of the single split, so no test week takes part in choosing parameters.
        FoldSet.Validation => [.. Weeks(testDay - (2 * ProtocolFold.Week) - ((Prequential - 1) * ProtocolFold.Week))],
        _ => [.. Weeks(testDay)],
    };

    /// <summary>First test day of the single split: the given day, or the Handbook's if the log spans the Handbook's dates.</summary>
    /// <exception cref="ArgumentException">No day was given, and the log spans other dates.</exception>
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
                $"must be given: the log's payments are from {ProtocolFold.Date(first)} to {ProtocolFold.Date(last)}, not the Handbook's "
                + $"{ProtocolFold.Date(ProtocolFold.DayOf(First))} to {ProtocolFold.Date(ProtocolFold.DayOf(Last))}").ToString());
    }

    /// <summary>Checks that the log covers every split.</summary>
    /// <exception cref="ArgumentException">The log is too short; the message lists every split it does not cover.</exception>
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
            faults.Add(name, $"{trainDays} training days begin on {ProtocolFold.Date(fold.TrainDay(trainDays))}, before the log's first "
                + $"payment on {ProtocolFold.Date(first)}; use a later --test-start or fewer --train-days");
        }
        if (fold.EndDay > last + 1)
        {
            faults.Add(name, $"ends on {ProtocolFold.Date(fold.EndDay - 1)}, after the log's last payment on {ProtocolFold.Date(last)}; "
                + "use an earlier --test-start");
        }
    }

    private static (int First, int Last) Span(LabelBook book) => book.Payments == 0
        ? throw new InvalidDataException("the log holds no payments")
        : (ProtocolFold.DayOf(book.FirstMs), ProtocolFold.DayOf(book.LastMs));
}
