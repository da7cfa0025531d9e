//! The trace of a history: a readable log of its steps.

use std::fmt;
use std::time::Duration;

use crate::world::Place;

/// The maximum number of trace lines that are printed for a failure.
const MAX_LINES: usize = 40;

/// The lines of a history. Most histories run without a trace: then `is_kept` is false, and there
/// are no lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Trace {
    is_kept: bool,
    lines: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq)]
struct Line {
    at: Duration,
    /// `None` if the line is not about one particular request.
    about: Option<Place>,
    text: String,
}

impl Trace {
    pub(crate) fn kept(is_kept: bool) -> Self {
        Self {
            is_kept,
            lines: Vec::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        at: Duration,
        about: Option<Place>,
        line: impl FnOnce() -> String,
    ) {
        if self.is_kept {
            let text = line();
            self.lines.push(Line { at, about, text });
        }
    }

    /// Returns the first pair of lines that differ.
    pub(crate) fn difference(&self, other: &Self) -> Option<[String; 2]> {
        let mut pairs = self.lines.iter().zip(&other.lines);
        let differ = pairs.find(|(one, other)| one != other)?;
        Some([differ.0, differ.1].map(|line| format!("{line:?}")))
    }

    /// Returns the lines about this request and the general lines, up to `until`. If there are too
    /// many, leaves out the general lines first, and then the oldest of the remaining lines.
    pub(crate) fn excerpt(&self, about: Option<Place>, until: Option<Duration>) -> Vec<String> {
        let of_place =
            |line: &&Line| about.is_none() || line.about.is_none() || line.about == about;
        let is_before = |line: &&Line| until.is_none_or(|until| line.at <= until);
        let lines: Vec<&Line> = self
            .lines
            .iter()
            .filter(of_place)
            .filter(is_before)
            .collect();
        // Lines about the request matter more than general lines.
        let own = |line: &&&Line| line.about.is_some();
        let lines = if lines.len() > MAX_LINES && about.is_some() {
            lines.iter().filter(own).copied().collect()
        } else {
            lines
        };
        let skipped = lines.len().saturating_sub(MAX_LINES);
        let lines = lines.into_iter().skip(skipped);
        lines.map(ToString::to_string).collect()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.3}s  {}", self.at.as_secs_f64(), self.text)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
