//! Draws a screen as an SVG file, without scripts, style sheets and fonts.

use std::fmt::Write;

use anyhow::Result;
use vt100::{Cell, Color, Screen};

/// In pixels.
const FONT_SIZE: u16 = 14;
/// The width and the height of a cell. This and all other lengths are in tenths of a pixel.
const CELL: (u32, u32) = (84, 190);
/// The distance of the baseline from the top of a cell.
const BASELINE: u32 = 140;
/// The distance of a bar from the bars above and below.
const BAR_GAP: u32 = 20;
const MARGIN: u32 = 160;
const TITLE_BAR: u32 = 360;

const BACKGROUND: &str = "#0d1117";
const FOREGROUND: &str = "#e6edf3";
const FRAME: &str = "#161b22";
const BORDER: &str = "#30363d";
const BUTTONS: [&str; 3] = ["#ff5f57", "#febc2e", "#28c840"];
const DIM: &str = r#" fill-opacity=".65""#;
/// Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones.
const PALETTE: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
    "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
];

/// The texts around the screen.
pub(crate) struct Labels<'a> {
    /// The title of the window.
    pub(crate) window: &'a str,
    /// The name of the picture, for screen readers.
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

/// Draws a screen in a window.
pub(crate) fn draw(screen: &Screen, labels: &Labels<'_>) -> Result<String> {
    let mut svg = String::new();
    let (rows, columns) = screen.size();
    draw_window(&mut svg, rows.get(), columns.get(), labels)?;
    for row in 0..rows.get() {
        draw_backgrounds(&mut svg, screen, row)?;
        for run in runs(screen, row) {
            run.draw(&mut svg, row)?;
        }
    }
    svg.push_str("</g>\n</svg>\n");
    Ok(svg)
}

fn draw_window(svg: &mut String, rows: u16, columns: u16, labels: &Labels<'_>) -> Result<()> {
    let width = u32::from(columns) * CELL.0 + 2 * MARGIN;
    let height = u32::from(rows) * CELL.1 + 2 * MARGIN + TITLE_BAR;
    let (w, h, bar) = (pixels(width), pixels(height), pixels(TITLE_BAR));
    let (window, title, description) = (
        escape(labels.window),
        escape(labels.title),
        escape(labels.description),
    );
    let middle = pixels(width / 2);
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-labelledby="title description">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<rect width="{w}" height="{h}" rx="8" fill="{FRAME}"/>
<path d="M0 {bar}H{w}V{bottom}a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z" fill="{BACKGROUND}"/>
<rect x=".5" y=".5" width="{inner_w}" height="{inner_h}" rx="7.5" fill="none" stroke="{BORDER}"/>"#,
        bottom = pixels(height - 80),
        inner_w = pixels(width - 10),
        inner_h = pixels(height - 10),
    )?;
    for (x, color) in [20, 40, 60].into_iter().zip(BUTTONS) {
        writeln!(svg, r#"<circle cx="{x}" cy="18" r="6" fill="{color}"/>"#)?;
    }
    writeln!(
        svg,
        r#"<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="{FONT_SIZE}" fill="{FOREGROUND}">
<text x="{middle}" y="23" text-anchor="middle"{DIM}>{window}</text>"#
    )?;
    Ok(())
}

/// Neighboring cells of a row that are drawn together.
#[derive(Debug, PartialEq)]
struct Run {
    kind: Kind,
    style: Style,
    column: u16,
    columns: u16,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Text,
    /// A character of two columns. It is a run of its own, because its width depends on the font.
    Wide,
    /// A horizontal line. Lines and bars are drawn as rectangles, because the characters do not
    /// touch each other in every font.
    Line,
    /// Full blocks, and at the end possibly a part of one.
    Bar,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Style {
    color: Color,
    inverse: bool,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (column, cell) in cells(screen, row) {
        let Some(kind) = Kind::of(cell) else {
            continue;
        };
        let style = Style::of(cell);
        let columns = if kind == Kind::Wide { 2 } else { 1 };
        match runs.last_mut() {
            Some(run) if run.takes(kind, style, column) => {
                let gap = column - run.end();
                run.text.extend((0..gap).map(|_| ' '));
                run.text.push_str(cell.contents());
                run.columns += gap + columns;
            }
            _ => runs.push(Run {
                kind,
                style,
                column,
                columns,
                text: cell.contents().to_owned(),
            }),
        }
    }
    runs
}

fn cells(screen: &Screen, row: u16) -> impl Iterator<Item = (u16, &Cell)> {
    let columns = 0..screen.size().1.get();
    columns.filter_map(move |column| Some((column, screen.cell(row, column)?)))
}

impl Kind {
    fn of(cell: &Cell) -> Option<Self> {
        let first = cell.contents().chars().next().filter(|it| *it != ' ')?;
        Some(match first {
            '─' => Self::Line,
            '█'..='▏' => Self::Bar,
            _ if cell.is_wide() => Self::Wide,
            _ => Self::Text,
        })
    }
}

impl Style {
    fn of(cell: &Cell) -> Self {
        Self {
            color: if cell.inverse() {
                cell.bgcolor()
            } else {
                cell.fgcolor()
            },
            inverse: cell.inverse(),
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
        }
    }

    /// The attributes that differ from those of the picture.
    fn attributes(self) -> String {
        let mut attributes = String::new();
        let default = if self.inverse { BACKGROUND } else { FOREGROUND };
        let color = rgb(self.color, default);
        if color != FOREGROUND {
            attributes += &format!(r#" fill="{color}""#);
        }
        for (is_set, attribute) in [
            (self.dim, DIM),
            (self.bold, r#" font-weight="bold""#),
            (self.italic, r#" font-style="italic""#),
            (self.underline, r#" text-decoration="underline""#),
        ] {
            if is_set {
                attributes += attribute;
            }
        }
        attributes
    }
}

impl Run {
    fn end(&self) -> u16 {
        self.column + self.columns
    }

    /// Returns true if a cell continues this run.
    ///
    /// A text may have a space. Two would have to be protected from being collapsed.
    fn takes(&self, kind: Kind, style: Style, column: u16) -> bool {
        let max_gap = match kind {
            Kind::Text => 1,
            Kind::Line => 0,
            Kind::Bar if self.text.ends_with('█') => 0,
            Kind::Bar | Kind::Wide => return false,
        };
        kind == self.kind && style == self.style && column - self.end() <= max_gap
    }

    fn draw(&self, svg: &mut String, row: u16) -> Result<()> {
        let (x, y) = (left(self.column), top(row));
        let width = u32::from(self.columns) * CELL.0;
        let (y, width, height) = match self.kind {
            Kind::Text | Kind::Wide => return self.draw_text(svg, x, y + BASELINE),
            Kind::Line => (y + CELL.1 / 2, width, 10),
            Kind::Bar => (y + BAR_GAP, self.filled(), CELL.1 - 2 * BAR_GAP),
        };
        draw_rectangle(svg, (x, y), (width, height), &self.style.attributes())
    }

    /// Returns the width of a bar. The blocks are in the order of their widths: from eight eighths
    /// to one.
    fn filled(&self) -> u32 {
        let eighths = |block| u32::from('█') + 8 - u32::from(block);
        self.text.chars().map(eighths).sum::<u32>() * CELL.0 / 8
    }

    fn draw_text(&self, svg: &mut String, x: u32, y: u32) -> Result<()> {
        let (x, y) = (pixels(x), pixels(y));
        let width = pixels(u32::from(self.columns) * CELL.0);
        let attributes = self.style.attributes();
        let text = escape(&self.text);
        // The length keeps the columns in place if a font is wider or narrower than expected.
        writeln!(
            svg,
            r#"<text x="{x}" y="{y}" textLength="{width}" lengthAdjust="spacingAndGlyphs"{attributes}>{text}</text>"#
        )?;
        Ok(())
    }
}

/// Draws the backgrounds of a row that differ from the one of the window.
fn draw_backgrounds(svg: &mut String, screen: &Screen, row: u16) -> Result<()> {
    for (column, cell) in cells(screen, row) {
        let color = if cell.inverse() {
            rgb(cell.fgcolor(), FOREGROUND)
        } else {
            rgb(cell.bgcolor(), BACKGROUND)
        };
        if color != BACKGROUND {
            let attributes = format!(r#" fill="{color}""#);
            draw_rectangle(svg, (left(column), top(row)), CELL, &attributes)?;
        }
    }
    Ok(())
}

fn draw_rectangle(
    svg: &mut String,
    (x, y): (u32, u32),
    (width, height): (u32, u32),
    attributes: &str,
) -> Result<()> {
    let (x, y) = (pixels(x), pixels(y));
    let (width, height) = (pixels(width), pixels(height));
    writeln!(
        svg,
        r#"<rect x="{x}" y="{y}" width="{width}" height="{height}"{attributes}/>"#
    )?;
    Ok(())
}

fn left(column: u16) -> u32 {
    MARGIN + u32::from(column) * CELL.0
}

fn top(row: u16) -> u32 {
    TITLE_BAR + MARGIN + u32::from(row) * CELL.1
}

/// Writes tenths of a pixel as pixels.
fn pixels(tenths: u32) -> String {
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

fn rgb(color: Color, default: &str) -> String {
    match color {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => hex(red, green, blue),
        Color::Idx(index) => match PALETTE.get(usize::from(index)) {
            Some(color) => (*color).to_owned(),
            None => indexed(index),
        },
    }
}

/// Returns one of the 216 colors of xterm's cube, or one of the 24 grays after them.
fn indexed(index: u8) -> String {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match (index.checked_sub(16), index.checked_sub(232)) {
        (_, Some(gray)) => {
            let gray = 8 + 10 * gray;
            hex(gray, gray, gray)
        }
        (cube, None) => {
            let cube = cube.unwrap_or_default();
            hex(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
    }
}

fn hex(red: u8, green: u8, blue: u8) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Escapes text for XML.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::pictures::terminal::print;

    const LABELS: Labels<'_> = Labels {
        window: "w",
        title: "a & b",
        description: "d",
    };

    /// Draws one row, and returns its elements.
    fn row(text: &str) -> Vec<String> {
        let screen = print(text, 1, 80).expect("a screen");
        let svg = draw(&screen, &LABELS).expect("a picture");
        let (_, row) = svg.split_once(">w</text>\n").expect("a window");
        let row = row.strip_suffix("</g>\n</svg>\n").expect("the end");
        row.lines().map(str::to_owned).collect()
    }

    fn text(x: &str, length: &str, rest: &str) -> String {
        format!(
            r#"<text x="{x}" y="66" textLength="{length}" lengthAdjust="spacingAndGlyphs"{rest}</text>"#
        )
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(
            row("<a> & \"b\""),
            [text("16", "75.6", ">&lt;a&gt; &amp; &quot;b&quot;")]
        );
        let screen = print("", 1, 80).expect("a screen");
        let svg = draw(&screen, &LABELS).expect("a picture");
        assert!(svg.contains(">a &amp; b</title>"), "{svg}");
    }

    #[test]
    fn text_keeps_its_columns() {
        assert_eq!(
            row("a b  c"),
            [text("16", "25.2", ">a b"), text("58", "8.4", ">c")]
        );
    }

    #[test]
    fn a_wide_character_has_two_columns() {
        assert_eq!(
            row("a漢b"),
            [
                text("16", "8.4", ">a"),
                text("24.4", "16.8", ">漢"),
                text("41.2", "8.4", ">b"),
            ]
        );
    }

    #[test]
    fn text_has_its_style_and_color() {
        for (code, attributes) in [
            ("1", r#" font-weight="bold""#),
            ("2", r#" fill-opacity=".65""#),
            ("3;4", r#" font-style="italic" text-decoration="underline""#),
            ("32", r##" fill="#3fb950""##),
            ("91", r##" fill="#ffa198""##),
            ("38;5;208", r##" fill="#ff8700""##),
            ("38;5;255", r##" fill="#eeeeee""##),
            ("38;2;1;2;3", r##" fill="#010203""##),
        ] {
            assert_eq!(
                row(&format!("\u{1b}[{code}mx\u{1b}[0my")),
                [
                    text("16", "8.4", &format!("{attributes}>x")),
                    text("24.4", "8.4", ">y"),
                ],
                "{code}"
            );
        }
    }

    #[test]
    fn a_background_is_below_the_text() {
        let rectangle = |color: &str| {
            format!(r#"<rect x="16" y="52" width="8.4" height="19" fill="{color}"/>"#)
        };
        assert_eq!(
            row("\u{1b}[41mx"),
            [rectangle("#ff7b72"), text("16", "8.4", ">x")]
        );
        assert_eq!(
            row("\u{1b}[7mx"),
            [
                rectangle(FOREGROUND),
                text("16", "8.4", &format!(r#" fill="{BACKGROUND}">x"#)),
            ]
        );
    }

    #[test]
    fn lines_and_bars_are_rectangles() {
        assert_eq!(
            row("──██▌▏ a"),
            [
                r#"<rect x="16" y="61.5" width="16.8" height="1"/>"#,
                r#"<rect x="32.8" y="54" width="21" height="15"/>"#,
                r#"<rect x="58" y="54" width="1" height="15"/>"#,
                &text("74.8", "8.4", ">a"),
            ]
        );
    }
}
