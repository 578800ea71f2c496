using System.Text;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Writes <c>gates.html</c> and <c>gates.json</c> atomically: both or neither.</summary>
internal static class GateReportFiles
{
    /// <summary>Writes the report into a folder, which is created if missing.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static void Write(GateReport report, string folder)
    {
        Directory.CreateDirectory(folder);
        using var html = new PartialFile(Path.Combine(folder, GateReportHtml.FileName));
        using var json = new PartialFile(Path.Combine(folder, GateReportJson.FileName));
        html.Stream.Write(Encoding.UTF8.GetBytes(GateReportHtml.Write(report)));
        json.Stream.Write(Encoding.UTF8.GetBytes(GateReportJson.Write(report)));
        html.Complete();
        json.Complete();
    }
}
