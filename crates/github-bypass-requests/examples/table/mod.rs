//! Tables that fit the terminal.

use std::env;
use std::io::{self, IsTerminal};

use comfy_table::{ContentArrangement, Row, Table, presets};

/// Returns an empty table without borders. Cells that do not fit the width are wrapped.
pub(crate) fn table(header: impl Into<Row>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width() {
        table.set_width(width);
    }
    table.set_header(header);
    table
}

/// Joins lines into the text of a cell. The result is one line if the width is unlimited.
#[allow(dead_code, reason = "not used by every example")]
pub(crate) fn cell(lines: &[String]) -> String {
    lines.join(if width().is_some() { "\n" } else { "  " })
}

/// Returns the width in columns: `COLUMNS` if it is set, otherwise 80 on a terminal. In a pipe or a
/// file the width is unlimited, so that each row is one line.
fn width() -> Option<u16> {
    let columns = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.or_else(|| io::stdout().is_terminal().then_some(80))
}
