//! Tables that fit the terminal.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, presets};
use console::Style;

use crate::terminal::Terminal;

/// The width below which only the first column keeps its width.
const NARROW: u16 = 60;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    title: &'static str,
    /// True if the cells of this column may be cut to fit the width.
    is_flexible: bool,
}

impl Column {
    pub(crate) const fn fixed(title: &'static str) -> Self {
        Self {
            title,
            is_flexible: false,
        }
    }

    pub(crate) const fn flexible(title: &'static str) -> Self {
        Self {
            title,
            is_flexible: true,
        }
    }
}

/// A row of a table, and the style of its first cell.
pub(crate) struct StyledRow {
    pub(crate) cells: Vec<String>,
    /// The style and the link of the first cell.
    pub(crate) style: Style,
    pub(crate) url: Option<String>,
}

/// Lays out rows of one line each. Flexible columns are cut to fit the width.
pub(crate) fn table(terminal: &Terminal, columns: &[Column], rows: &[StyledRow]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_truncation_indicator("…");
    table.set_width(terminal.width());
    table.set_header(one_line(columns.iter().map(|column| column.title)));
    for row in rows {
        table.add_row(one_line(row.cells.iter()));
    }
    for (index, (layout, column)) in table.column_iter_mut().zip(columns).enumerate() {
        layout.set_padding((0, 2));
        // On a narrow terminal, each column but the first is cut.
        if index == 0 || !column.is_flexible && terminal.width() >= NARROW {
            layout.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut lines = table.lines();
    let header = lines.next().unwrap_or_default();
    let mut out = terminal.paint(Style::new().dim(), header.trim_end());
    for (row, line) in rows.iter().zip(lines) {
        out.push('\n');
        let first = row.cells.first().map_or("", String::as_str);
        match line.strip_prefix(first) {
            // Styled only now, so that the layout does not measure the escape codes.
            Some(rest) => {
                let first = terminal.paint(row.style.clone(), first);
                out.push_str(&terminal.link(row.url.as_deref(), &first));
                out.push_str(rest.trim_end());
            }
            None => out.push_str(line.trim_end()),
        }
    }
    out
}

fn one_line<T: ToString>(cells: impl Iterator<Item = T>) -> Row {
    let mut row: Row = cells
        .map(|cell| cell.to_string())
        .collect::<Vec<_>>()
        .into();
    row.max_height(1);
    row
}
