namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Colours and style sheet of the gate report, for screen and print.</summary>
internal static class ReportStyle
{
    public const string Challenger = "#1d5fbf", Champion = "#8b929c", Passed = "#1a7f37", Failed = "#c3271f";

    public const string Css = """
        :root { color-scheme: light; }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: #f3f5f8; color: #1c2330;
          font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        }
        main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; }
        header, section { background: #fff; border: 1px solid #e0e4ea; border-radius: 10px; padding: 22px 26px; margin-bottom: 18px; }
        header { border-left: 8px solid #8b929c; }
        header.passed { border-left-color: #1a7f37; } header.failed { border-left-color: #c3271f; }
        header.waived { border-left-color: #b26a00; }
        h1 { margin: 0; font-size: 24px; line-height: 1.25; } h2 { margin: 0 0 4px; font-size: 18px; }
        h3 { margin: 22px 0 6px; font-size: 15px; }
        .status { float: right; font-size: 15px; }
        .lead, .explanation { color: #566070; margin: 6px 0 14px; max-width: 76ch; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin-top: 14px; }
        .fact { background: #f6f8fa; border-radius: 8px; padding: 9px 13px; } .fact b { display: block; font-size: 19px; line-height: 1.3; }
        .fact span { color: #667080; font-size: 13px; }
        .facts.four { grid-template-columns: repeat(4, 1fr); } .fact b { white-space: nowrap; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th { text-align: left; color: #667080; font-weight: 600; font-size: 12.5px; }
        th, td { padding: 6px 10px; border-bottom: 1px solid #e9ecf0; vertical-align: top; } tbody tr:last-child td { border-bottom: 0; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .family td { background: #f6f8fa; font-weight: 600; text-transform: capitalize; }
        .left-out td { color: #8b929c; } .detail { color: #667080; font-size: 13px; } .wide { min-width: 340px; }
        code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .pill { display: inline-block; border-radius: 99px; padding: 1px 11px; font-size: 12.5px; font-weight: 600; white-space: nowrap; }
        .pill.passed { background: #dff3e4; color: #12652b; } .pill.failed { background: #fbdfdd; color: #a31b14; }
        .pill.waived { background: #fcebd0; color: #8a5200; } .pill.none { background: #e9ecf0; color: #566070; }
        .status .pill { font-size: 15px; padding: 4px 16px; }
        .plots { display: flex; flex-wrap: wrap; gap: 14px 22px; margin-top: 12px; } figure { margin: 0; max-width: 470px; }
        figcaption { color: #566070; font-size: 13px; margin-bottom: 2px; }
        svg { display: block; max-width: 100%; height: auto; font: 11px system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
        details { margin-top: 12px; } summary { cursor: pointer; color: #1d5fbf; }
        pre { font-size: 12.5px; background: #f6f8fa; border-radius: 8px; padding: 12px; overflow-x: auto; }
        @media (max-width: 640px) { .facts.four { grid-template-columns: repeat(2, 1fr); } }
        @media print {
          body { background: #fff; } header, section { border: 0; border-radius: 0; padding: 8px 0; break-inside: auto; }
          svg, tr { break-inside: avoid; }
        }
        """;
}
