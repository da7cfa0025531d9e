//! The table.

use std::fmt;

pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(crate) fn new<'a>(peers: impl Iterator<Item = &'a str>) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        table.set_header([""].into_iter().chain(peers));
        Self(table)
    }

    /// What was measured, as ratios to the first.
    pub(crate) fn ratios(&mut self, name: &str, measured: impl Iterator<Item = f64>) {
        let mut base = None;
        let ratios = measured.map(|measured| measured / *base.get_or_insert(measured));
        self.row(name, ratios.map(|ratio| format!("{ratio:.2}")));
    }

    /// What was measured, where the figures tell something by themselves.
    pub(crate) fn figures(&mut self, name: &str, measured: impl Iterator<Item = f64>) {
        self.row(name, measured.map(|figure| format!("{figure:.2}")));
    }

    pub(crate) fn counts(&mut self, name: &str, measured: impl Iterator<Item = u64>) {
        self.row(name, measured.map(|count| count.to_string()));
    }

    fn row(&mut self, name: &str, cells: impl Iterator<Item = String>) {
        self.0
            .add_row(std::iter::once(name.to_owned()).chain(cells));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
