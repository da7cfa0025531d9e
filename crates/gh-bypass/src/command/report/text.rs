//! The report as text: with bars on a terminal, and plain elsewhere.

use console::{Alignment, Style, measure_text_width, pad_str, truncate_str};

use crate::command::report::summary::{Figure, REACH, Row, Section, Summary};
use crate::terminal::Terminal;
use crate::terminal::text::visible;
use crate::terminal::time::rfc3339;

/// The longest bar, in columns.
const MAX_BAR: usize = 40;

/// The shortest bar that is still worth drawing.
const MIN_BAR: usize = 5;

const INDENT: &str = "  ";

/// Lays out the report. Without a terminal, the report has no colors and no bars.
pub(crate) fn render(summary: &Summary<'_>, terminal: Option<&Terminal>) -> String {
    let width = terminal
        .filter(|terminal| terminal.is_terminal())
        .map(|terminal| terminal.width().into());
    let paint = |style: Style, text: &str| match terminal {
        Some(terminal) => terminal.paint(style, text),
        None => text.to_owned(),
    };
    lines(summary, width, &paint).join("\n") + "\n"
}

type Paint<'a> = &'a dyn Fn(Style, &str) -> String;

fn lines(summary: &Summary<'_>, width: Option<usize>, paint: Paint<'_>) -> Vec<String> {
    let bold = |text: &str| paint(Style::new().bold(), text);
    let dim = |text: &str| paint(Style::new().dim(), text);
    let title = format!("Bypass requests in {}", visible(&summary.scope.to_string()));
    let mut lines = vec![bold(&title)];
    lines.push(format!("Read at {}", rfc3339(summary.read_at)));
    if !summary.filters.is_empty() {
        lines.push(filters(summary));
    }
    lines.push(dim(REACH));
    if let Some(warning) = summary.warning() {
        lines.push(paint(Style::new().yellow(), warning));
    }
    lines.push(String::new());
    lines.extend(figures(&summary.figures()));
    let mut sections = summary.sections();
    sections.push(summary.days());
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        lines.push(String::new());
        lines.push(bold(section.title));
        lines.extend(rows(section, width, paint));
        lines.extend(section.cut().map(|cut| format!("{INDENT}{}", dim(&cut))));
    }
    lines
}

fn filters(summary: &Summary<'_>) -> String {
    let filters = summary.filters.iter();
    let filters = filters.map(|(name, value)| format!("{name} {}", visible(value)));
    format!("Only {}", filters.collect::<Vec<_>>().join(", "))
}

fn figures(figures: &[Figure]) -> Vec<String> {
    let width = figures.iter().map(|figure| figure.name.len()).max();
    let width = width.unwrap_or_default();
    let line = |Figure { name, value }: &Figure| format!("{INDENT}{name:<width$}  {value}");
    figures.iter().map(line).collect()
}

/// Returns a line for each row: the name, the number, the share, and a bar if it fits.
fn rows(section: &Section, width: Option<usize>, paint: Paint<'_>) -> Vec<String> {
    let names: Vec<String> = section.rows.iter().map(|row| visible(&row.name)).collect();
    let count = section.max().to_string().len();
    let numbers = INDENT.len() + "  ".len() + count + "  100%".len();
    let longest = names.iter().map(|name| measure_text_width(name)).max();
    let mut name_width = longest.unwrap_or_default();
    if let Some(width) = width {
        name_width = name_width.min(width.saturating_sub(numbers).max(1));
    }
    let bar = width.map_or(0, |width| width.saturating_sub(numbers + name_width + 2));
    let line = |(name, row): (&String, &Row)| {
        let name = truncate_str(name, name_width, "…");
        let name = pad_str(&name, name_width, Alignment::Left, None);
        let Row {
            requests, share, ..
        } = row;
        let mut line = format!("{INDENT}{name}  {requests:>count$}  {share:>4}");
        if bar >= MIN_BAR && *requests > 0 {
            let bar = blocks(*requests, section.max(), bar.min(MAX_BAR));
            line.push_str("  ");
            line.push_str(&paint(Style::new().cyan(), &bar));
        }
        line
    };
    names.iter().zip(&section.rows).map(line).collect()
}

/// Returns a bar, to an eighth of a column. The bar is never empty.
fn blocks(value: u64, max: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let width = u64::try_from(width).unwrap_or_default();
    let eighths = value.saturating_mul(width * 8) / max.max(1);
    let eighths = usize::try_from(eighths.max(1)).unwrap_or_default();
    let rest = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    "█".repeat(eighths / 8) + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::command::report::counts::tests::secret;
    use crate::command::report::summary::tests::{scope, summary, summary_of};

    fn plain(_: Style, text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn plain_text_is_complete_and_has_no_bars() {
        let scope = scope();
        let text = render(&summary(&scope), None);
        assert!(text.starts_with(
            "Bypass requests in octo-org\nRead at 2026-11-28T12:00:00Z\nOnly since 7d\n"
        ));
        assert!(text.contains(REACH));
        assert!(
            text.contains("\n  Median decision time   2 h 5 min\n"),
            "{text}"
        );
        assert!(text.contains("\nStatus\n  approved  1   33%\n"), "{text}");
        assert!(
            text.contains("|https://evil.example\\n\\u{202e}  1   33%\n"),
            "{text}"
        );
        assert!(!text.contains(['█', '\u{1b}', '\u{202e}', '…']));
    }

    #[test]
    fn lines_fit_the_terminal() {
        let scope = scope();
        let name = "octo-org/a-repository-with-a-name-that-is-longer-than-any-terminal-of-世界世界";
        let requests = [secret(json!({"repository": {"full_name": name}}))];
        for width in [20, 40, 80, 300] {
            let summary = summary_of(&scope, &requests);
            for section in summary.sections() {
                for line in rows(&section, Some(width), &plain) {
                    assert!(measure_text_width(&line) <= width, "{width}: {line}");
                    assert!(line.contains('%'), "{line}");
                }
            }
        }
    }

    #[test]
    fn bars_are_in_proportion_and_never_empty() {
        assert_eq!(blocks(8, 8, 4), "████");
        assert_eq!(blocks(4, 8, 4), "██");
        assert_eq!(blocks(3, 8, 4), "█▌");
        assert_eq!(blocks(1, 1000, 4), "▏");
    }

    #[test]
    fn an_incomplete_report_says_so() {
        let scope = scope();
        let mut summary = summary(&scope);
        summary.is_complete = false;
        assert!(render(&summary, None).contains("This report is incomplete"));
    }
}
