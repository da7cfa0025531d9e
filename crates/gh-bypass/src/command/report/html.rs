//! The report as one HTML page that loads no scripts, images or other files.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{Datelike, Days, NaiveDate};
use console::truncate_str;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::command::report::style::STYLE;
use crate::command::report::summary::{REACH, Row, Section, Summary};
use crate::terminal::text::visible;
use crate::terminal::time::rfc3339;

/// The width of a chart, in SVG units.
const WIDTH: u64 = 420;

/// The height of a row of a bar chart.
const ROW: usize = 36;

/// The height of the tallest column in the chart by day.
const COLUMN: u64 = 150;

/// The maximum width of a name in a chart, in columns of text. The table has the whole name.
const NAME: usize = 44;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(crate) fn render(summary: &Summary<'_>) -> String {
    let scope = visible(&summary.scope.to_string());
    let sections = summary.sections();
    let days = summary.days();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Bypass requests in " (scope) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Bypass requests in " bdi { (scope) } }
                    (notes(summary))
                }
                main {
                    (figures(summary))
                    @if !days.rows.is_empty() { (by_day(&days, &summary.counts.days())) }
                    @for (index, section) in sections.iter().enumerate() { (bars(section, index)) }
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// Returns the policy that allows the page's own style and nothing else.
fn policy() -> String {
    let hash = STANDARD.encode(hmac_sha256::Hash::hash(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn notes(summary: &Summary<'_>) -> Markup {
    let read_at = rfc3339(summary.read_at);
    html! {
        p {
            "Read at " time datetime=(read_at) { (read_at) } ". "
            @if !summary.filters.is_empty() {
                "Only "
                @for (index, (name, value)) in summary.filters.iter().enumerate() {
                    @if index > 0 { ", " }
                    (name) " " strong { bdi { (visible(value)) } }
                }
                ". "
            }
            (REACH)
        }
        @if let Some(warning) = summary.warning() { p.warning { strong { (warning) } } }
    }
}

fn figures(summary: &Summary<'_>) -> Markup {
    html! {
        section aria-labelledby="summary" {
            h2 #summary { "Summary" }
            dl.figures {
                @for figure in summary.figures() {
                    div { dt { (figure.name) } dd { (figure.value) } }
                }
            }
        }
    }
}

/// Returns a bar chart and its table.
fn bars(section: &Section, index: usize) -> Markup {
    let (heading, chart) = (format!("section-{index}"), format!("chart-{index}"));
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) { (section.title) }
            div.pair {
                (bar_chart(section, &chart))
                (table(section))
            }
        }
    }
}

fn bar_chart(section: &Section, id: &str) -> Markup {
    let height = section.rows.len() * ROW;
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-labelledby=(id) {
            title id=(id) { "Bar chart of the requests by " (section.column.to_lowercase()) }
            @for (index, row) in section.rows.iter().enumerate() {
                @let top = index * ROW;
                g {
                    title { (visible(&row.name)) ": " (row.requests) }
                    text x="0" y=(top + 15) { (truncate_str(&visible(&row.name), NAME, "…")) }
                    text.number x=(WIDTH) y=(top + 15) { (row.requests) }
                    rect.track x="0" y=(top + 21) width=(WIDTH) height="8" rx="2" {}
                    rect.bar x="0" y=(top + 21) width=(length(row, section, WIDTH)) height="8" rx="2" {}
                }
            }
        }
    }
}

/// Returns the length of a bar. If there are requests, it is long enough to be visible.
fn length(row: &Row, section: &Section, longest: u64) -> u64 {
    let length = row.requests.saturating_mul(longest) / section.max();
    if row.requests > 0 { length.max(2) } else { 0 }
}

fn table(section: &Section) -> Markup {
    html! {
        table {
            caption {
                "Requests by " (section.column.to_lowercase())
                @if let Some(cut) = section.cut() { ", " (cut) }
            }
            thead {
                tr {
                    th scope="col" { (section.column) }
                    th.number scope="col" { "Requests" }
                    th.number scope="col" { "Share" }
                }
            }
            tbody {
                @for row in &section.rows {
                    tr {
                        th scope="row" { bdi { (visible(&row.name)) } }
                        td.number { (row.requests) }
                        td.number { (row.share) }
                    }
                }
            }
        }
    }
}

/// Returns a chart with a column for each day, and a table with a row for each week.
fn by_day(section: &Section, days: &[(NaiveDate, u64)]) -> Markup {
    html! {
        section aria-labelledby="days" {
            h2 #days { (section.title) }
            div.pair {
                (column_chart(section))
                (weeks(days))
            }
        }
    }
}

fn column_chart(section: &Section) -> Markup {
    let count = u64::try_from(section.rows.len()).unwrap_or(1).max(1);
    // The step is in tenths of a unit, because a day can be narrower than a unit.
    let step = WIDTH * 10 / count;
    let tenths = |value: u64| format!("{}.{}", value / 10, value % 10);
    let ends = [section.rows.first(), section.rows.last()].map(|row| row.map(|row| &row.name));
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (COLUMN + 46) } role="img" aria-labelledby="chart-days" {
            title #chart-days { "Column chart of the requests by day" }
            text x="0" y="15" { "Most requests in a day: " (section.max()) }
            @for (row, index) in section.rows.iter().zip(0..) {
                @let height = length(row, section, COLUMN);
                g {
                    title { (row.name) ": " (row.requests) }
                    rect.bar x=(tenths(index * step)) y=(24 + COLUMN - height)
                        width=(tenths(step * 8 / 10)) height=(height) {}
                }
            }
            rect.axis x="0" y=(24 + COLUMN) width=(WIDTH) height="1" {}
            @if let [Some(first), Some(last)] = ends {
                text x="0" y=(COLUMN + 42) { (first) }
                @if section.rows.len() > 1 {
                    text.number x=(WIDTH) y=(COLUMN + 42) { (last) }
                }
            }
        }
    }
}

fn weeks(days: &[(NaiveDate, u64)]) -> Markup {
    let mut weeks: BTreeMap<NaiveDate, BTreeMap<u32, u64>> = BTreeMap::new();
    for (day, requests) in days {
        let weekday = day.weekday().num_days_from_monday();
        let monday = day.checked_sub_days(Days::new(weekday.into()));
        let week = weeks.entry(monday.unwrap_or(*day)).or_default();
        week.insert(weekday, *requests);
    }
    html! {
        table {
            caption { "Requests by day of creation (UTC), a week per row" }
            thead {
                tr {
                    th scope="col" { "Week of" }
                    @for weekday in WEEKDAYS { th.number scope="col" { (weekday) } }
                }
            }
            tbody {
                @for (monday, week) in &weeks {
                    tr {
                        th.date scope="row" { (monday) }
                        @for weekday in 0..7 {
                            td.number { @if let Some(requests) = week.get(&weekday) { (requests) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::report::summary::tests::{scope, summary, summary_of};

    #[test]
    fn text_of_other_people_is_escaped() {
        let scope = scope();
        let page = render(&summary(&scope));
        assert!(!page.contains("<b>") && !page.contains('\u{202e}'));
        let name = "&lt;b&gt;@hubot&lt;/b&gt;|`x`|https://evil.example\\n\\u{202e}";
        assert!(
            page.contains(&format!("<th scope=\"row\"><bdi>{name}</bdi></th>")),
            "{page}"
        );
        assert!(
            page.contains(&format!("<title>{name}: 1</title>")),
            "{page}"
        );
    }

    #[test]
    fn the_policy_allows_the_style_and_nothing_else() {
        let scope = scope();
        let page = render(&summary(&scope));
        assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"));
        let styles: Vec<_> = page.split("<style>").skip(1).collect();
        assert_eq!(styles.len(), 1);
        assert!(styles[0].starts_with(&format!("{STYLE}</style>")));
        for forbidden in ["<script", "style=", "src=\"", "href=", "url(", "onclick"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn two_runs_are_equal() {
        let scope = scope();
        assert_eq!(render(&summary(&scope)), render(&summary(&scope)));
    }

    #[test]
    fn weeks_start_on_monday_and_keep_their_days() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let table = weeks(&[(day("2026-11-29"), 5), (day("2026-11-30"), 7)]).into_string();
        let empty = "<td class=\"number\"></td>";
        let sunday = format!(
            "2026-11-23</th>{}<td class=\"number\">5</td>",
            empty.repeat(6)
        );
        assert!(table.contains(&sunday), "{table}");
        let monday = "2026-11-30</th><td class=\"number\">7</td>";
        assert!(table.contains(monday), "{table}");
    }

    #[test]
    fn an_empty_report_has_no_charts() {
        let scope = scope();
        let mut summary = summary_of(&scope, &[]);
        summary.is_complete = false;
        let page = render(&summary);
        assert!(!page.contains("<svg") && !page.contains("<table"));
        assert!(page.contains("This report is incomplete"));
    }
}
