//! The report as Markdown, for workflow summaries and issues.

use std::fmt::Write;

use crate::command::report::summary::{REACH, Row, Section, Summary};
use crate::terminal::text::visible;
use crate::terminal::time::rfc3339;

pub(crate) fn render(summary: &Summary<'_>) -> String {
    let mut out = format!(
        "## Bypass requests in {}\n",
        code(&summary.scope.to_string())
    );
    if let Some(warning) = summary.warning() {
        out += &format!("\n> [!WARNING]\n> {warning}\n");
    }
    out += &format!("\nRead at {}.", rfc3339(summary.read_at));
    if !summary.filters.is_empty() {
        let filters = summary.filters.iter();
        let filters = filters.map(|(name, value)| format!("{name} {}", code(value)));
        out += &format!(" Only {}.", filters.collect::<Vec<_>>().join(", "));
    }
    out += &format!(" {REACH}\n\n{}", figures(summary));
    for section in summary.sections() {
        let cut = section.cut().map(|cut| format!("\n{cut}\n"));
        out += &format!("\n### {}\n\n{}", section.title, table(&section));
        out += &cut.unwrap_or_default();
    }
    let days = summary.days();
    if !days.rows.is_empty() {
        out += &format!(
            "\n<details>\n<summary>{}</summary>\n\n{}\n</details>\n",
            days.title,
            table(&days)
        );
    }
    out
}

fn figures(summary: &Summary<'_>) -> String {
    let figures = summary.figures();
    let row = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    row(figures.iter().map(|figure| figure.name).collect())
        + &row(figures.iter().map(|_| "---:").collect())
        + &row(figures.iter().map(|figure| figure.value.as_str()).collect())
}

fn table(section: &Section) -> String {
    let mut out = format!(
        "| {} | Requests | Share |\n| :--- | ---: | ---: |\n",
        section.column
    );
    for row in &section.rows {
        let Row {
            name,
            requests,
            share,
        } = row;
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {} | {requests} | {share} |", code(name));
    }
    out
}

/// Puts text of other people in a code span, in which GitHub ignores mentions, links, HTML and
/// emphasis. Escapes the two characters that could end the span or the cell.
fn code(text: &str) -> String {
    let text = visible(text)
        .replace('`', "\\u{60}")
        .replace('|', "\\u{7c}");
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::report::summary::tests::{scope, summary, summary_of};

    #[test]
    fn text_of_other_people_stays_in_its_code_span() {
        assert_eq!(code("octo-org/smile"), "`octo-org/smile`");
        assert_eq!(code("<b>@hubot</b>"), "`<b>@hubot</b>`");
        assert_eq!(code("a|b"), "`a\\u{7c}b`");
        assert_eq!(code("`` `x"), "`\\u{60}\\u{60} \\u{60}x`");
        assert_eq!(code("a\n\n# b\r\u{202e}"), "`a\\n\\n# b\\r\\u{202e}`");
        assert_eq!(code(" "), "(empty)");
    }

    #[test]
    fn every_row_has_three_cells() {
        let scope = scope();
        let text = render(&summary(&scope));
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let mut count = 0;
        for row in rows {
            assert_eq!(row.matches('|').count(), 4, "{row}");
            assert_eq!(row.matches('`').count(), 2, "{row}");
            count += 1;
        }
        assert!(count > 10, "{text}");
        assert!(text.contains("| `approved` | 1 | 33% |\n"), "{text}");
        assert!(
            text.contains("| 3 | 1 | 0 | 2 h 5 min | 2 h 5 min |\n"),
            "{text}"
        );
        assert!(
            text.contains("Only since `7d`. GitHub keeps requests for a month"),
            "{text}"
        );
        assert!(!text.contains("WARNING"));
    }

    #[test]
    fn an_empty_and_incomplete_report_says_so() {
        let scope = scope();
        let mut summary = summary_of(&scope, &[]);
        summary.is_complete = false;
        let text = render(&summary);
        assert!(text.contains("> [!WARNING]\n> This report is incomplete"));
        assert!(
            !text.contains("###") && !text.contains("<details>"),
            "{text}"
        );
    }
}
