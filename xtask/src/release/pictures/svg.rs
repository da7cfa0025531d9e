//! Draws the screen of a terminal as SVG.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

const CELL_WIDTH: f32 = 8.4;
const LINE_HEIGHT: f32 = 18.0;
const MARGIN: f32 = 16.0;

/// The background, and the color of text without a color.
const BACKGROUND: &str = "#0d1117";
const FOREGROUND: &str = "#e6edf3";
const DIM: &str = "#9198a1";
/// The colors 0 to 7 of a terminal, bright enough for the background.
const PALETTE: [&str; 8] = [
    "#6e7681", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#e6edf3",
];

/// Draws a screen. Texts stay texts, so screen readers can read them.
pub(crate) fn render(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = f32::from(columns) * CELL_WIDTH + 2.0 * MARGIN;
    let height = f32::from(rows) * LINE_HEIGHT + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
         aria-label=\"{title}\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\">\n",
        title = escape(title)
    );
    for row in 0..rows {
        let y = MARGIN + f32::from(row + 1) * LINE_HEIGHT - 5.0;
        for run in runs(screen, row) {
            run.draw(&mut svg, y);
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Characters of one style, without spaces at their ends.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    color: &'static str,
    is_bold: bool,
}

fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..screen.size().1.get() {
        let Some(cell) = screen
            .cell(row, column)
            .filter(|cell| !cell.is_wide_continuation())
        else {
            continue;
        };
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let columns = if cell.is_wide() { 2 } else { 1 };
        let (color, is_bold) = (color(cell), cell.bold());
        match runs.last_mut() {
            // SVG collapses several spaces, so a new run starts after a gap.
            Some(run)
                if run.color == color
                    && run.is_bold == is_bold
                    && !(run.text.ends_with("  ") && text != " ") =>
            {
                run.text.push_str(text);
                run.columns += columns;
            }
            _ => runs.push(Run {
                column,
                columns,
                text: text.to_owned(),
                color,
                is_bold,
            }),
        }
    }
    runs
}

fn color(cell: &Cell) -> &'static str {
    match cell.fgcolor() {
        Color::Idx(index) => PALETTE
            .get(usize::from(index % 8))
            .copied()
            .unwrap_or(FOREGROUND),
        _ if cell.dim() => DIM,
        _ => FOREGROUND,
    }
}

impl Run {
    fn draw(&self, svg: &mut String, y: f32) {
        let spaces = self.text.len() - self.text.trim_start().len();
        let text = self.text.trim();
        if text.is_empty() {
            return;
        }
        // Spaces have one byte and one column each.
        let end = self.text.len() - self.text.trim_end().len();
        let columns = usize::from(self.columns) - spaces - end;
        let cells = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX)) * CELL_WIDTH;
        let x = MARGIN + cells(usize::from(self.column) + spaces);
        let bold = if self.is_bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        // The length keeps columns aligned if a font has other widths.
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.0}\" fill=\"{}\"{bold} textLength=\"{:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            self.color,
            cells(columns),
            escape(text)
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use vt100::Parser;

    use super::*;

    #[test]
    fn styles_and_columns_are_kept() {
        let mut parser = Parser::new(
            NonZeroU16::MIN.saturating_add(1),
            NonZeroU16::MIN.saturating_add(19),
            0,
        );
        parser.process(
            "\u{1b}[32m#1\u{1b}[0m  \u{1b}[1ma<b>\u{1b}[0m\r\n世界 \u{1b}[2mdim".as_bytes(),
        );
        let svg = render(parser.screen(), "a & b");
        for part in [
            "<title>a &amp; b</title>",
            "x=\"16.0\" y=\"29\" fill=\"#3fb950\" textLength=\"16.8\" lengthAdjust=\"spacingAndGlyphs\">#1<",
            "x=\"49.6\" y=\"29\" fill=\"#e6edf3\" font-weight=\"bold\" textLength=\"33.6\"",
            ">a&lt;b&gt;<",
            "textLength=\"33.6\" lengthAdjust=\"spacingAndGlyphs\">世界<",
            "x=\"58.0\" y=\"47\" fill=\"#9198a1\"",
        ] {
            assert!(svg.contains(part), "{part}\n{svg}");
        }
    }
}
