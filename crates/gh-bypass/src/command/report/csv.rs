//! The requests as CSV: a row for each, written as soon as the request is read.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use github_bypass_requests::{AnyBypassRequest, Decision};

use crate::output::row::{html_url, what};
use crate::terminal::text::visible;
use crate::terminal::time::rfc3339;

const COLUMNS: [&str; 15] = [
    "number",
    "repository",
    "organization",
    "kind",
    "status",
    "decision",
    "requester",
    "what",
    "bypass_reason",
    "requester_comment",
    "reviewer",
    "created_at",
    "decided_at",
    "expires_at",
    "html_url",
];

/// Writes the header before the first row, or at the end if there are no rows.
pub(crate) struct Rows<W: Write> {
    writer: ::csv::Writer<W>,
    has_header: bool,
}

impl<W: Write> Rows<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            writer: ::csv::Writer::from_writer(out),
            has_header: false,
        }
    }

    pub(crate) fn write(&mut self, request: &AnyBypassRequest) -> io::Result<()> {
        self.write_header()?;
        let fields = fields(request).map(|field| guarded(&field));
        self.writer.write_record(fields).map_err(io_error)
    }

    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.write_header()?;
        self.writer.flush()
    }

    fn write_header(&mut self) -> io::Result<()> {
        if !self.has_header {
            self.writer.write_record(COLUMNS).map_err(io_error)?;
            self.has_header = true;
        }
        Ok(())
    }
}

/// Returns the error of the destination. The conversion in the crate `csv` would hide that the
/// pipe is closed.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

/// Returns a value for each of the columns.
fn fields(request: &AnyBypassRequest) -> [String; 15] {
    let deciding = request.deciding_response();
    let time = |at: Option<DateTime<Utc>>| at.map(rfc3339).unwrap_or_default();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        request.number().to_string(),
        request.repository().to_string(),
        request.organization().to_string(),
        request.kind().to_owned(),
        request.status().to_string(),
        text(request.decision().map(Decision::as_str)),
        request.requester().to_string(),
        what(request),
        reasons(request),
        text(request.requester_comment()),
        deciding.map_or(String::new(), |response| response.reviewer.to_string()),
        rfc3339(request.created_at()),
        time(deciding.and_then(|response| response.created_at)),
        time(request.expires_at()),
        text(html_url(request)),
    ]
}

/// Returns the reasons without duplicates.
fn reasons(request: &AnyBypassRequest) -> String {
    let AnyBypassRequest::SecretScanning(request) = request else {
        return String::new();
    };
    let reasons = request.data.iter();
    let reasons = reasons.filter_map(|finding| Some(finding.bypass_reason.as_ref()?.as_str()));
    let mut names: Vec<&str> = Vec::new();
    for reason in reasons {
        if !names.contains(&reason) {
            names.push(reason);
        }
    }
    names.join(", ")
}

/// Escapes hidden characters, and puts a quote before text that a spreadsheet would run as a
/// formula.
fn guarded(text: &str) -> String {
    let is_formula = |text: &str| text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let is_moved = text.starts_with(['\t', '\r', '\n']);
    let guard = if is_moved || is_formula(text.trim_start()) {
        "'"
    } else {
        ""
    };
    format!("{guard}{}", visible(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::command::report::counts::tests::{response, rule, secret};

    fn written(requests: &[AnyBypassRequest]) -> String {
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out);
        for request in requests {
            rows.write(request).expect("a row");
        }
        rows.finish().expect("the end");
        drop(rows);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn formulas_and_hidden_characters_are_made_harmless() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"] {
            assert!(guarded(text).starts_with('\''), "{text}");
        }
        assert_eq!(guarded("\tx"), "'\\tx");
        assert_eq!(guarded("a=1"), "a=1");
        assert_eq!(guarded("2026-11-27"), "2026-11-27");
        assert_eq!(
            guarded("a\r\nb\u{1b}[31m\u{202e}"),
            "a\\r\\nb\\u{1b}[31m\\u{202e}"
        );
    }

    #[test]
    fn each_request_is_a_row() {
        let approved = response("octocat", "approved", "2026-11-27T11:00:00Z");
        let text = written(&[
            secret(json!({
                "status": "completed",
                "requester_comment": "=HYPERLINK(\"x\"), \"now\"",
                "responses": [approved],
            })),
            rule(json!({"requester": {"actor_name": "-x"}, "expires_at": null})),
        ]);
        let expected = [
            "number,repository,organization,kind,status,decision,requester,what,bypass_reason,\
             requester_comment,reviewer,created_at,decided_at,expires_at,html_url",
            "42,octo-org/smile,octo-org,secret_scanning,completed,approve,monalisa,adafruit_io_key,\
             used_in_tests,\"'=HYPERLINK(\"\"x\"\"), \"\"now\"\"\",octocat,2026-11-27T10:00:00Z,\
             2026-11-27T11:00:00Z,2026-12-04T10:00:00Z,https://github.com/octo-org/smile/exemptions/42",
            "42,octo-org/smile,octo-org,push_rules,open,,'-x,max_file_size,,,,2026-11-27T10:00:00Z,,,\
             https://github.com/octo-org/smile/exemptions/42",
        ];
        assert_eq!(text, expected.join("\n") + "\n");
    }

    struct ClosedPipe;

    impl Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_recognized() {
        let mut rows = Rows::new(ClosedPipe);
        let request = secret(json!({}));
        // The first rows only fill the buffer.
        let error = (0..100).find_map(|_| rows.write(&request).err());
        assert_eq!(error.expect("an error").kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn no_requests_are_a_header() {
        assert_eq!(written(&[]).lines().count(), 1);
    }
}
