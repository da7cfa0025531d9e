//! A whole request.

use chrono::{DateTime, Utc};
use console::Style;
use github_bypass_requests::{AnyBypassRequest, BypassResponse};

use crate::output::row::{html_url, kind, style_of};
use crate::terminal::Terminal;
use crate::terminal::text::{field, visible};
use crate::terminal::time::{ago, rfc3339, until};

/// The width of the labels.
const LABEL: usize = 11;

/// Returns the lines of a request for people.
pub(crate) fn card(
    terminal: &Terminal,
    request: &AnyBypassRequest,
    now: DateTime<Utc>,
) -> Vec<String> {
    let name = format!(
        "{}#{}",
        visible(&request.repository().to_string()),
        request.number()
    );
    let name = terminal.paint(Style::new().bold(), &name);
    let status = terminal.paint(
        style_of(request.status()),
        &visible(request.status().as_str()),
    );
    let mut lines = vec![format!(
        "{}  {status}",
        terminal.link(request.web_link(), &name)
    )];
    lines.extend(wrapped(terminal, &subtitle(request, now), 0));
    lines.push(String::new());
    let mut row = |label: &str, value: &str| lines.extend(labelled(terminal, label, value));
    for finding in findings(request) {
        for (label, value) in finding {
            row(label, &value);
        }
    }
    if let Some(resource) = request.resource_identifier() {
        row("Commit", resource);
    }
    match request.requester_comment() {
        Some(comment) => row("Comment", &format!("\"{comment}\"")),
        None => row("Comment", "none"),
    }
    for response in request.responses() {
        row("Response", &response_line(response, now));
    }
    if let Some(link) = request.web_link() {
        row("Page", link);
    }
    lines
}

/// Returns a label and a text, which is wrapped to the width of the terminal.
pub(crate) fn labelled(terminal: &Terminal, label: &str, text: &str) -> Vec<String> {
    let mut lines = wrapped(terminal, &visible(text), LABEL);
    let label = terminal.paint(Style::new().dim(), &format!("{label:<LABEL$}"));
    for (index, line) in lines.iter_mut().enumerate() {
        let start = if index == 0 {
            label.as_str()
        } else {
            "           "
        };
        *line = format!("{start}{line}");
    }
    lines
}

fn wrapped(terminal: &Terminal, text: &str, indent: usize) -> Vec<String> {
    let width = usize::from(terminal.width()).saturating_sub(indent).max(20);
    textwrap::wrap(text, width)
        .into_iter()
        .map(|line| line.into_owned())
        .collect()
}

/// Returns the line below the name: the kind, the requester, the age and the expiry.
fn subtitle(request: &AnyBypassRequest, now: DateTime<Utc>) -> String {
    let mut line = format!(
        "{} bypass requested by {} {}",
        kind(request),
        visible(&request.requester().to_string()),
        ago(request.created_at(), now),
    );
    if request.is_open() {
        line.push_str(&match request.expires_at() {
            Some(at) if at <= now => ", expired".to_owned(),
            Some(at) => format!(", expires {}", until(at, now)),
            None => ", never expires".to_owned(),
        });
    }
    line
}

/// Returns the labelled facts of each secret or rule.
fn findings(request: &AnyBypassRequest) -> Vec<Vec<(&'static str, String)>> {
    let unknown = || "unknown".to_owned();
    match request {
        AnyBypassRequest::SecretScanning(request) => request
            .data
            .iter()
            .map(|finding| {
                let mut location = finding.path.clone().unwrap_or_else(unknown);
                if let Some(branch) = &finding.branch {
                    location = format!("{location} on {branch}");
                }
                let reason = finding.bypass_reason.as_ref();
                vec![
                    (
                        "Secret",
                        finding.secret_type.clone().unwrap_or_else(unknown),
                    ),
                    ("Location", location),
                    (
                        "Reason",
                        reason.map_or_else(unknown, |reason| reason.as_str().replace('_', " ")),
                    ),
                ]
            })
            .collect(),
        AnyBypassRequest::PushRules(request) => request
            .data
            .iter()
            .map(|violation| {
                let rule = violation.rule_type.as_ref();
                let mut rule = rule.map_or_else(unknown, |rule| rule.as_str().replace('_', " "));
                if let Some(total) = violation.total_violations {
                    rule.push_str(&format!(" ({total} times)"));
                }
                vec![
                    ("Rule", rule),
                    (
                        "Ruleset",
                        violation.ruleset_name.clone().unwrap_or_else(unknown),
                    ),
                ]
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the status, the reviewer and the age of a response. The text is escaped.
pub(crate) fn response_line(response: &BypassResponse, now: DateTime<Utc>) -> String {
    let status = response
        .status
        .as_ref()
        .map_or("unknown", |status| status.as_str());
    let mut line = format!(
        "{} by {}",
        visible(status),
        visible(&response.reviewer.to_string())
    );
    if let Some(at) = response.created_at {
        line.push_str(&format!(" {}", ago(at, now)));
    }
    line
}

/// Returns the lines of a request for scripts: a name and a value, separated by a tab.
pub(crate) fn tabs(request: &AnyBypassRequest) -> Vec<String> {
    let mut lines = vec![
        ("number", request.number().to_string()),
        ("repository", request.repository().to_string()),
        ("kind", request.kind().to_owned()),
        ("status", request.status().to_string()),
        (
            "decision",
            request
                .decision()
                .map_or(String::new(), |decision| decision.to_string()),
        ),
        ("requester", request.requester().to_string()),
        ("created", rfc3339(request.created_at())),
        (
            "expires",
            request.expires_at().map(rfc3339).unwrap_or_default(),
        ),
        (
            "comment",
            request.requester_comment().unwrap_or_default().to_owned(),
        ),
        ("url", html_url(request).unwrap_or_default().to_owned()),
    ];
    for (label, value) in findings(request).into_iter().flatten() {
        lines.push((label, value));
    }
    for response in request.responses() {
        lines.push(("response", response.to_string()));
    }
    let line =
        |(name, value): (&str, String)| format!("{}:\t{}", name.to_lowercase(), field(&value));
    lines.into_iter().map(line).collect()
}
