//! Failures and exit codes.

use std::fmt;
use std::io;

use github_bypass_requests::Error;

/// The result of a command.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// The exit code of a failed command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The command failed, at least for some requests, or a request was already decided.
    Failed = 1,
    /// The arguments are invalid, or the user cancelled at a prompt.
    Usage = 2,
    /// There is no token, or GitHub rejected it.
    Auth = 4,
}

/// The reason why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Print this message, and exit with this code.
    Message(Code, String),
    /// The messages are already printed. Exit with this code.
    Reported(Code),
    /// The program that reads standard output has ended. This is not an error.
    ClosedPipe,
}

impl Code {
    /// Returns the more important of two codes: `Auth` comes first, then `Failed`.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Auth, _) | (_, Self::Auth) => Self::Auth,
            _ => Self::Failed,
        }
    }
}

impl Failure {
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self::Message(Code::Failed, message.to_string())
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Message(Code::Usage, message.to_string())
    }

    /// Creates the failure for an error while writing to standard output.
    pub(crate) fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::failed(format!("standard output cannot be written: {error}")),
        }
    }
}

/// Returns the exit code for an error of the client.
pub(crate) fn code_of(error: &Error) -> Code {
    if error.is_token_missing() || error.is_unauthorized() {
        Code::Auth
    } else if error.is_invalid_input() {
        Code::Usage
    } else {
        Code::Failed
    }
}

/// Returns the text of an error, with the ways to sign in if there is no token.
pub(crate) fn describe(error: &Error) -> String {
    let text = error.to_string();
    // Cuts off the client's advice, which is for programmers.
    let text = [", or use `", "; use `"]
        .into_iter()
        .fold(text.as_str(), |text, advice| {
            text.split(advice).next().unwrap_or(text)
        });
    if error.is_token_missing() {
        return format!(
            "{text}\nTo sign in, run `gh auth login`, or set GH_TOKEN. For an Enterprise Server, set GH_HOST \
             and GH_ENTERPRISE_TOKEN."
        );
    }
    text.to_owned()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Message(code_of(&error), describe(&error))
    }
}
