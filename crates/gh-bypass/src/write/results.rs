//! The results of several changes.

use crate::failure::{Code, Failure, Result};
use crate::github::reference::Reference;
use crate::terminal::{print, warn};
use crate::write::outcome::Outcome;

/// Prints the outcomes of several changes, and keeps the exit code.
#[derive(Debug, Default)]
pub(crate) struct Results {
    code: Option<Code>,
}

impl Results {
    /// Prints the outcome of one change. Returns true if further changes would fail in the same way.
    pub(crate) fn add(&mut self, reference: &Reference, outcome: &Outcome) -> Result<bool> {
        match outcome {
            Outcome::Done(what) => print(&format!("{reference}: {what}")).map(|()| false),
            Outcome::Refused(refusal) => {
                warn(&format!("{reference}: {}", refusal.reason));
                self.fail(refusal.code);
                Ok(refusal.ends_all)
            }
            Outcome::Unknown(reason) => {
                warn(&format!("{reference}: unknown: {reason}"));
                self.fail(Code::Failed);
                Ok(false)
            }
        }
    }

    /// Names the requests that are left after the end of all changes.
    pub(crate) fn not_tried<'a>(&self, rest: impl Iterator<Item = &'a Reference>) {
        for reference in rest {
            warn(&format!("{reference}: not tried"));
        }
    }

    /// Keeps the exit code that matters more.
    fn fail(&mut self, code: Code) {
        self.code = Some(match self.code {
            None => code,
            Some(known) => known.or(code),
        });
    }

    /// Fails if a change failed.
    pub(crate) fn finish(&self) -> Result<()> {
        self.code
            .map_or(Ok(()), |code| Err(Failure::Reported(code)))
    }
}
