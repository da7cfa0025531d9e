//! The progress of a long read, on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::Terminal;

/// The time between two redraws.
const TICK: Duration = Duration::from_millis(100);

/// A line on the terminal that shows the progress of a read. Outside a terminal, nothing is shown.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(terminal: &Terminal) -> Self {
        let target = if terminal.shows_notices {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(spinner());
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Shows the number of pages that were read, and their total if it is known.
    pub(crate) fn pages(&self, read: u64, all: Option<u64>) {
        match all {
            Some(all) if all > 1 => {
                self.0.set_style(bar());
                self.0.set_length(all.max(read));
            }
            _ => self.0.set_style(spinner()),
        }
        self.0.set_position(read);
    }

    pub(crate) fn message(&self, message: String) {
        self.0.set_message(message);
    }

    /// Removes the line.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn spinner() -> ProgressStyle {
    style("{spinner} reading: page {pos}{msg}")
}

fn bar() -> ProgressStyle {
    style("{spinner} [{bar:30}] {pos} of {len} pages{msg}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
