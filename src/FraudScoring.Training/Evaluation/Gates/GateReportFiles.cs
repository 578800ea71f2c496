using System.Text;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Writes both forms of a report, or neither.</summary>
internal static class GateReportFiles
{
    /// <summary>Writes into a folder, which is made if it is not there.</summary>
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
