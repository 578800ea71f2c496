using System.Xml.Linq;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The status of a gate as a coloured label.</summary>
internal static class GatePill
{
    public static XElement Create(GateStatus status) => status switch
    {
        GateStatus.Passed => Html.Element("span", "pill passed", "passed"),
        GateStatus.Failed => Html.Element("span", "pill failed", "failed"),
        GateStatus.Waived => Html.Element("span", "pill waived", "waived"),
        _ => Html.Element("span", "pill none", "not applicable"),
    };
}
