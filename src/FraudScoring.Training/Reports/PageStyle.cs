namespace FraudScoring.Training.Reports;

/// <summary>Colours and style sheet of the HTML reports, for light and dark screens and for print.</summary>
/// <remarks>
/// Plots carry their light colours as attributes, so that they also work as files. A style sheet outranks attributes: the dark colours
/// replace them by value.
/// </remarks>
internal static class PageStyle
{
    /// <summary>Colours of data in plots, and of good and bad results.</summary>
    public const string Accent = "#1d5fbf", Pale = "#a9c4ea", Other = "#8b929c", Good = "#1a7f37", Bad = "#c3271f";

    public const string Css = """
        :root {
          color-scheme: light dark; --page: #f3f5f8; --card: #fff; --edge: #e0e4ea; --soft: #f6f8fa; --ink: #1c2330; --quiet: #566070;
          --muted: #667080; --link: #1d5fbf; --good: #12652b; --good-back: #dff3e4; --bad: #a31b14; --bad-back: #fbdfdd;
          --warn: #8a5200; --warn-back: #fcebd0;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #11151b; --card: #1a1f27; --edge: #2f3743; --soft: #232a34; --ink: #e5e9ef; --quiet: #aab4c1; --muted: #98a3b1;
            --link: #7db0f5; --good: #8ddba3; --good-back: #163a22; --bad: #ff9d95; --bad-back: #4a1b18;
            --warn: #f2c27a; --warn-back: #45310f;
          }
          svg [fill="#1c2330"] { fill: #e5e9ef; } svg [fill="#667080"] { fill: #98a3b1; } svg [fill="#d9dde3"] { fill: #414b59; }
          svg [stroke="#d9dde3"] { stroke: #323a46; } svg [stroke="#667080"] { stroke: #98a3b1; }
          svg [stroke="#1c2330"] { stroke: #e5e9ef; }
          svg [fill="#1d5fbf"] { fill: #5f9df0; } svg [stroke="#1d5fbf"] { stroke: #5f9df0; } svg [fill="#a9c4ea"] { fill: #35557f; }
          svg [fill="#c3271f"] { fill: #f2766e; } svg [stroke="#c3271f"] { stroke: #f2766e; }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        }
        main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; }
        header, section {
          background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 22px 26px; margin-bottom: 18px;
        }
        header { border-left: 8px solid #8b929c; }
        header.passed { border-left-color: #1a7f37; } header.failed { border-left-color: #c3271f; }
        header.waived { border-left-color: #b26a00; }
        h1 { margin: 0; font-size: 24px; line-height: 1.25; } h2 { margin: 0 0 4px; font-size: 18px; }
        h3 { margin: 22px 0 6px; font-size: 15px; }
        .status { float: right; font-size: 15px; }
        .lead, .explanation { color: var(--quiet); margin: 6px 0 14px; max-width: 76ch; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin-top: 14px; }
        .fact { background: var(--soft); border-radius: 8px; padding: 9px 13px; }
        .fact b { display: block; font-size: 19px; line-height: 1.3; }
        .fact span { color: var(--muted); font-size: 13px; }
        .facts.four { grid-template-columns: repeat(4, 1fr); } .fact b { white-space: nowrap; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th { text-align: left; color: var(--muted); font-weight: 600; font-size: 12.5px; }
        th, td { padding: 6px 10px; border-bottom: 1px solid var(--edge); vertical-align: top; }
        tbody tr:last-child td { border-bottom: 0; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .family td { background: var(--soft); font-weight: 600; text-transform: capitalize; }
        .left-out td { color: #8b929c; } .detail { color: var(--muted); font-size: 13px; } .wide { min-width: 340px; }
        code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .pill { display: inline-block; border-radius: 99px; padding: 1px 11px; font-size: 12.5px; font-weight: 600; white-space: nowrap; }
        .pill.passed { background: var(--good-back); color: var(--good); } .pill.failed { background: var(--bad-back); color: var(--bad); }
        .pill.waived { background: var(--warn-back); color: var(--warn); } .pill.none { background: var(--soft); color: var(--quiet); }
        .status .pill { font-size: 15px; padding: 4px 16px; }
        .plots { display: flex; flex-wrap: wrap; gap: 14px 22px; margin-top: 12px; } figure { margin: 0; max-width: 470px; }
        figcaption { color: var(--quiet); font-size: 13px; margin-bottom: 2px; }
        svg { display: block; max-width: 100%; height: auto; font: 11px system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
        details { margin-top: 12px; } summary { cursor: pointer; color: var(--link); }
        pre { font-size: 12.5px; background: var(--soft); border-radius: 8px; padding: 12px; overflow-x: auto; }
        .findings { margin: 14px 0 0; padding: 0; list-style: none; counter-reset: finding; }
        .findings li {
          counter-increment: finding; display: flex; gap: 12px; padding: 11px 14px; margin-top: 8px; background: var(--soft);
          border-radius: 8px; overflow-wrap: anywhere;
        }
        .findings li::before {
          content: counter(finding); flex: none; width: 24px; height: 24px; border-radius: 99px; text-align: center; font-size: 13px;
          font-weight: 700; line-height: 24px; background: var(--warn-back); color: var(--warn);
        }
        .findings li.grave::before { background: var(--bad-back); color: var(--bad); }
        @media (max-width: 640px) {
          main { padding: 10px 8px 30px; } header, section { padding: 15px 14px; } h1 { font-size: 20px; overflow-wrap: anywhere; }
          .facts.four { grid-template-columns: repeat(2, 1fr); }
        }
        @media print {
          body { background: #fff; } header, section { border: 0; border-radius: 0; padding: 8px 0; break-inside: auto; }
          svg, tr { break-inside: avoid; }
        }
        """;
}
