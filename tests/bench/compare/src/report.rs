//! The table of results, and the promises about them.

use std::fmt;

pub(crate) struct Report {
    table: comfy_table::Table,
    promises: Vec<Promise>,
    notes: Vec<(&'static str, f64)>,
}

struct Promise {
    what: &'static str,
    measured: f64,
    at_most: f64,
}

impl Report {
    pub(crate) fn new<'a>(peers: impl Iterator<Item = &'a str>) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        table.set_header([""].into_iter().chain(peers));
        Self {
            table,
            promises: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row with the ratio of each value to the first one.
    pub(crate) fn ratios(&mut self, name: &str, measured: &[f64]) {
        let base = measured.first().copied().unwrap_or(f64::NAN);
        let ratios: Vec<f64> = measured.iter().map(|measured| measured / base).collect();
        self.figures(name, &ratios);
    }

    /// Adds a row with the values themselves. NaN means that a value was not measured.
    pub(crate) fn figures(&mut self, name: &str, measured: &[f64]) {
        let cells = measured.iter().map(|figure| match figure {
            figure if figure.is_nan() => "-".to_owned(),
            figure if figure.fract() == 0.0 && *figure > 1.0 => figure.to_string(),
            figure => format!("{figure:.2}"),
        });
        self.table
            .add_row(std::iter::once(name.to_owned()).chain(cells));
    }

    pub(crate) fn promise(&mut self, what: &'static str, measured: f64, at_most: f64) {
        self.promises.push(Promise {
            what,
            measured,
            at_most,
        });
    }

    /// Adds an absolute figure without a limit.
    pub(crate) fn note(&mut self, what: &'static str, measured: f64) {
        self.notes.push((what, measured));
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.promises.iter().all(Promise::is_kept)
    }
}

impl Promise {
    fn is_kept(&self) -> bool {
        self.measured <= self.at_most
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.table.is_empty() {
            writeln!(f, "{}\n", self.table)?;
        }
        for promise in &self.promises {
            let Promise {
                what,
                measured,
                at_most,
            } = promise;
            let kept = if promise.is_kept() { "kept" } else { "BROKEN" };
            writeln!(f, "{kept}: {what}: {measured:.2}, at most {at_most:.2}")?;
        }
        for (what, measured) in &self.notes {
            writeln!(f, "for comparison: {what}: {measured:.2}")?;
        }
        Ok(())
    }
}
