using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Colours of the gate report.</summary>
internal static class ReportStyle
{
    public const string Challenger = PageStyle.Accent, Champion = PageStyle.Other, Passed = PageStyle.Good, Failed = PageStyle.Bad;
}
