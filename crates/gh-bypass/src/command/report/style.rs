//! The style of the HTML page.

/// The style sheet. The dark colors are for screens only, so that a printout is always light.
pub(crate) const STYLE: &str = "
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --text: #1f2328; --quiet: #59636e;
  --line: #d1d9e0; --track: #e6eaef; --bar: #0969da; --warning: #fff8c5;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #151b23; --text: #f0f6fc; --quiet: #a3acb7;
    --line: #3d444d; --track: #262c36; --bar: #4493f8; --warning: #3b2e0a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; }
h2 { margin: 0 0 0.75rem; font-size: 1.25rem; }
header p { margin: 0.5rem 0 0; max-width: 60rem; color: var(--quiet); }
header .warning {
  margin-top: 1rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--warning); color: var(--text);
}
section { margin-top: 2.5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 0; }
.figures div {
  display: flex; flex-direction: column; justify-content: space-between;
  padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card);
}
.figures dt { color: var(--quiet); font-size: 0.875rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem 2.5rem; align-items: start; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--text); font-size: 14px; }
svg text.number { text-anchor: end; }
.track { fill: var(--track); }
.bar { fill: var(--bar); }
.axis { fill: var(--quiet); }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
caption { padding-bottom: 0.25rem; color: var(--quiet); text-align: left; }
th, td { padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 400; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.date { white-space: nowrap; }
@media (max-width: 44rem) {
  .pair { grid-template-columns: minmax(0, 1fr); }
  table { font-size: 0.8125rem; }
  th, td { padding: 0.3rem 0.125rem; }
}
@media (forced-colors: active) {
  svg text, .bar, .axis { fill: CanvasText; }
  .track { fill: Canvas; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  section { margin-top: 1.5rem; break-inside: avoid; }
  .figures { grid-template-columns: repeat(5, 1fr); }
  .figures dt, table { font-size: 8.5pt; }
  .figures dd { font-size: 1.1rem; }
}
";
