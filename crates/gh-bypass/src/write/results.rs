//! The results of several changes.

use crate::failure::{Code, Failure, Result};
use crate::github::reference::Reference;
use crate::terminal::{print, warn};
use crate::write::outcome::Outcome;

/// Prints the outcomes of several changes, and keeps the exit code.
#[derive(Debug, Default)]
pub(crate) struct Results {
    code: Option<Code>,
    /// The first failure to write standard output.
    output: Option<Failure>,
}

impl Results {
    /// Prints the outcome of one change. Returns true if further changes would fail in the same way.
    ///
    /// If standard output cannot be written, the other changes are still made.
    pub(crate) fn add(&mut self, reference: &Reference, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Done(what) => {
                if let Err(failure) = print(&format!("{reference}: {what}")) {
                    self.output.get_or_insert(failure);
                }
                false
            }
            Outcome::Refused(refusal) => {
                warn(&format!("{reference}: {}", refusal.reason));
                self.fail(refusal.code);
                refusal.ends_all
            }
            Outcome::Unknown(reason) => {
                warn(&format!("{reference}: unknown: {reason}"));
                self.fail(Code::Failed);
                false
            }
        }
    }

    /// Names the requests that are left over because further changes would fail.
    pub(crate) fn not_tried<'a>(&self, rest: impl Iterator<Item = &'a Reference>) {
        for reference in rest {
            warn(&format!("{reference}: not tried"));
        }
    }

    /// Keeps the more important exit code.
    fn fail(&mut self, code: Code) {
        self.code = Some(match self.code {
            None => code,
            Some(known) => known.or(code),
        });
    }

    /// Fails if a change failed.
    pub(crate) fn finish(self) -> Result<()> {
        match (self.code, self.output) {
            (Some(code), _) => Err(Failure::Reported(code)),
            (None, Some(failure)) => Err(failure),
            (None, None) => Ok(()),
        }
    }
}
