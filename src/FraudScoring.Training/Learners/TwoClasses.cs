using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>Checks that rows contain frauds and legitimate payments, which every learner with labels needs.</summary>
internal static class TwoClasses
{
    /// <exception cref="ArgumentException">One class is missing.</exception>
    public static void Check(TrainingMatrix matrix, string part) => Check(matrix.Rows, matrix.Frauds, part);

    /// <exception cref="ArgumentException">One class is missing.</exception>
    public static void Check(int rows, int frauds, string part)
    {
        if (frauds == 0 || frauds == rows)
        {
            throw new ArgumentException(
                $"the {part} rows hold {frauds} frauds among {rows}; both classes are needed: use a longer time span, or check the labels");
        }
    }
}
